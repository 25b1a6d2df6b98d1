"""Commands that set up and run a site: run, serve, migrate, example, tls make."""

import argparse
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from app import tls
from app.cli import DONE, Refused, Said
from app.migrate import migrate
from app.serve import address, is_loopback, may_serve, serve, site_certificate
from app.site import Site
from app.start import ready

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    run = commands.add_parser(
        "run", help="bring the database up to date, load the worked example once, serve"
    )
    _listening(run)
    run.set_defaults(run=_run)
    server = commands.add_parser("serve", help="serve the site")
    _listening(server)
    server.add_argument("--cert", type=Path, help="certificate chain (PEM)")
    server.add_argument("--key", type=Path, help="its private key (PEM)")
    server.set_defaults(run=_serve)
    commands.add_parser("migrate", help="bring the database to this program's schema").set_defaults(
        run=_migrate
    )
    commands.add_parser("example", help="load the worked example into an empty database").set_defaults(
        run=_example
    )
    certificates = commands.add_parser("tls", help="the site's own certificates")
    kinds = certificates.add_subparsers(dest="tls_command", metavar="make", required=True)
    make = kinds.add_parser("make", help="make the site's root (once) and a server certificate")
    make.add_argument("hostname", metavar="HOSTNAME")
    make.set_defaults(run=_tls_make)


def _listening(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000)


def _migrate(site: Site, _arguments: argparse.Namespace) -> Said:
    return Said([f"the database is at revision {migrate(site)}"])


def _serve(site: Site, arguments: argparse.Namespace) -> Said:
    certificate, key = arguments.cert, arguments.key
    if certificate is None and key is None:
        certificate, key = site_certificate(site.settings.data, arguments.host)
    may_serve(arguments.host, arguments.port, certificate, key)
    migrate(site)
    ready(site)
    _first_administrator(site)
    print(f"Hilo: {address(arguments.host, arguments.port, certificate is not None)}", flush=True)
    site.db.close()
    serve(arguments.host, arguments.port, certificate, key)
    return Said(["stopped"], code=DONE)


def _run(site: Site, arguments: argparse.Namespace) -> Said:
    from app.example.people import sign_in_table
    from app.example.story import load_once

    migrate(site)
    if load_once(site, _say):
        _say("The worked example is loaded.")
    if site.is_example:
        print(*sign_in_table(), sep="\n", flush=True)
    arguments.cert = arguments.key = None
    if not is_loopback(arguments.host) and not tls.server_files(site.settings.data)[0].exists():
        host = socket.gethostname() if arguments.host in ("0.0.0.0", "::") else arguments.host
        tls.make(site.settings.data, host)
        _say(f"Made a certificate for {host}; tablets trust it once at /trust.")
    return _serve(site, arguments)


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _example(site: Site, _arguments: argparse.Namespace) -> Said:
    from app.example.people import sign_in_table
    from app.example.story import load_once

    migrate(site)
    if not load_once(site, _say):
        raise Refused(
            "The database already holds people: the worked example is loaded into an empty one only."
        )
    return Said(["The worked example is loaded.", *sign_in_table()])


def _tls_make(site: Site, arguments: argparse.Namespace) -> Said:
    try:
        chain, key = tls.make(site.settings.data, arguments.hostname)
    except ValueError as fault:
        raise Refused(str(fault)) from fault
    root = tls.root_file(site.settings.data)
    return Said([f"certificate {chain}", f"key {key}", f"root for the tablets {root}, offered at /trust"])


def _first_administrator(site: Site) -> None:
    from app.access.console import first_administrator

    made = first_administrator(site)
    if made is not None:
        sign_in, password = made
        _say(f"First administrator: sign in as {sign_in}, one-time password {password} (shown only now).")
