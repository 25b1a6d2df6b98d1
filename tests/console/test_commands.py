"""The console keeps its contract: exit codes, one line on standard error, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT


def run(tmp_path: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HILO_DATA": str(tmp_path / "data"), **extra}
    environment.pop("HILO_AS", None) if "HILO_AS" not in extra else None
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error."""
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("hilo: "), done.stderr
    return lines[0]


def test_help_names_every_command_of_the_contract(tmp_path: Path) -> None:
    said = run(tmp_path, "--help").stdout
    for command in ("serve", "tls", "example", "migrate", "verify", "trace", "label", "record",
                    "certificate", "person",
                    "backup", "restore"):  # fmt: skip
        assert f"\n    {command}" in said


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert run(tmp_path, "dance").returncode == 2
    assert run(tmp_path).returncode == 2


def test_a_fresh_database_is_sound(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    done = run(tmp_path, "verify", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["ok"] is True


def test_verify_of_what_is_new_begins_at_a_checkpoint_and_says_what_it_does_not_look_at(
    tmp_path: Path,
) -> None:
    run(tmp_path, "migrate")
    assert run(tmp_path, "backup", str(tmp_path / "b.tar")).returncode == 0
    new, whole = (run(tmp_path, "verify", *flag, "--json") for flag in (["--since-checkpoint"], []))
    told, all_ = json.loads(new.stdout), json.loads(whole.stdout)
    assert new.returncode == 0 and told["ok"] and told.keys() == all_.keys()
    assert 0 < told["since"] < told["entries"] == all_["entries"] and all_["since"] is None
    assert "not looked at: older entries" in run(tmp_path, "verify", "--since-checkpoint").stdout


def test_verify_without_a_database_could_not_check(tmp_path: Path) -> None:
    done = run(tmp_path, "verify")
    assert done.returncode == 3
    assert "migrate" in complaint(done)


def test_a_bad_setting_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "migrate", HILO_TIMEZONE="Mars/Olympus")
    assert done.returncode == 3
    assert "HILO_TIMEZONE" in complaint(done)


def test_writing_without_saying_who_is_wrong_usage(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    done = run(tmp_path, "person", "add", "ana", "--name", "Ana", "--role", "nurse")
    assert done.returncode == 2
    assert "--as" in complaint(done)


def test_an_unknown_lot_is_refused_in_one_line(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    done = run(tmp_path, "trace", "lot:MSC-99-001", "--json")
    assert done.returncode == 1
    assert "MSC-99-001" in complaint(done)


def test_the_list_to_call_is_refused_for_what_is_not_there(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    done = run(tmp_path, "trace", "donor:D-9999", "--recipients")
    assert (done.returncode, done.stdout) == (1, "")
    assert "D-9999" in complaint(done)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "hilo.local"])
def test_no_host_but_this_machine_is_served_without_tls(tmp_path: Path, host: str) -> None:
    done = run(tmp_path, "serve", "--host", host)
    assert done.returncode == 3
    assert "tls make" in complaint(done)


def test_tls_make_leaves_a_root_and_a_server_certificate(tmp_path: Path) -> None:
    assert run(tmp_path, "tls", "make", "hilo.local").returncode == 0
    made = tmp_path / "data" / "tls"
    assert (made / "root.pem").exists() and (made / "server.pem").exists()
    assert (made / "server.key").stat().st_mode & 0o077 == 0


def test_a_host_name_no_certificate_can_carry_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "tls", "make", "not a host!")
    assert done.returncode == 1
    assert "host name" in complaint(done)


def test_a_backup_comes_back_elsewhere_and_verifies(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    made = run(tmp_path, "backup", str(tmp_path / "b.tar"), "--json")
    told = json.loads(made.stdout)
    assert made.returncode == 0 and told["ok"] and told["entries"] > 0
    back = run(tmp_path / "elsewhere", "restore", str(tmp_path / "b.tar"), "--json")
    restored = json.loads(back.stdout)
    assert back.returncode == 0 and restored["root"] == told["root"]
    assert restored["entries"] == told["entries"] and restored["tables"] == told["tables"]
    kept = tmp_path / "elsewhere" / "data" / "checkpoints.txt"
    assert run(tmp_path / "elsewhere", "verify", "--checkpoint", str(kept)).returncode == 0


def test_a_torn_backup_is_refused_in_one_line_and_the_running_site_untouched(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    file = tmp_path / "b.tar"
    assert run(tmp_path, "backup", str(file)).returncode == 0
    before = (tmp_path / "data" / "hilo.sqlite3").read_bytes()
    again = run(tmp_path, "restore", str(file))
    assert again.returncode == 1 and "something here already" in complaint(again)
    file.write_bytes(file.read_bytes()[:-3000])
    torn = run(tmp_path / "elsewhere", "restore", str(file))
    assert torn.returncode == 1 and "not a whole Hilo backup" in complaint(torn)
    assert not list((tmp_path / "elsewhere" / "data").glob("*"))
    assert (tmp_path / "data" / "hilo.sqlite3").read_bytes() == before


def test_a_backup_without_a_database_or_a_file_could_not_be_made(tmp_path: Path) -> None:
    assert run(tmp_path, "backup", str(tmp_path / "b.tar")).returncode == 3
    assert run(tmp_path, "restore", str(tmp_path / "none.tar")).returncode == 3
    run(tmp_path, "migrate")
    nowhere = run(tmp_path, "backup", str(tmp_path / "no" / "b.tar"))
    assert nowhere.returncode == 1 and "folder" in complaint(nowhere)
    stranger = run(tmp_path, "backup", str(tmp_path / "b.tar"), "--as", "nobody")
    assert stranger.returncode == 1 and not (tmp_path / "b.tar").exists()
