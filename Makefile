# Hilo: `make run` opens the worked example, `make test` runs every check. Both set up what they need.
PORT ?= 8000
HOST ?= 127.0.0.1
HILO_DATA ?= instance
PYTHON ?= python3
FILE ?= hilo-backup-$(shell date -u +%Y-%m-%dT%H%MZ).tar
PY := .venv/bin/python
# Tests run in as many processes as there are cores, four at most: each has a PostgreSQL and a Chromium.
PROCESSES ?= auto --maxprocesses 4
export HILO_DATA
# Compiled files are kept, whatever the shell says: every command starts from them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check bench bench-long soak setup setup-test chromium backup words clean

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: setup  ## set up, load the worked example at first start, and serve it
	@$(PY) -m app run --host $(HOST) --port $(PORT)

test: setup-test  ## set up and run every check
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(PY) -m pytest -n $(PROCESSES) --dist loadfile

check: setup-test  ## the quick checks: style, types and the tests without a browser
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(PY) -m pytest -n $(PROCESSES) --dist loadfile -m "not browser"

bench: setup-test  ## measure the figures of docs/benchmarks.md
	$(PY) -m bench

bench-long: setup-test  ## the same with the sizes that take minutes
	$(PY) -m bench --long

setup: .venv/ready app/web/static/vendor/ready app/translations/ready

setup-test: setup .venv/ready-test chromium

.venv/ready: requirements.txt
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/ready-test: tests/requirements.txt .venv/ready
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci --silent --no-progress
	@touch $@

app/web/static/vendor/ready: node_modules/.package-lock.json app/web/vendor.py .venv/ready
	$(PY) -m app.web.vendor
	@touch $@

app/translations/ready: app/translations/es/LC_MESSAGES/messages.po .venv/ready
	$(PY) -m app.catalogue compile
	@touch $@

chromium: .venv/ready-test
	@$(PY) -m tests.chromium

backup: setup  ## write everything to one verified file while the site runs: make backup [FILE=…]
	@$(PY) -m app backup "$(FILE)"

words: setup  ## gather what Hilo can say into the translations, and list what still lacks words
	@$(PY) -m app.catalogue update && $(PY) -m app.catalogue compile

clean:  ## remove what set-up made (never the data folder)
	rm -rf .venv node_modules app/web/static/vendor app/translations/ready
