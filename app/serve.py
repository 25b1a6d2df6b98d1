"""Serving: granian, one worker, a few threads; never off this machine without TLS."""

import ipaddress
import socket
from pathlib import Path

from app import tls

#: Threads that answer requests; more than 4 make the slowest answers slower (performance.md §1).
THREADS = 4


class CannotServe(RuntimeError):
    """Hilo does not serve like this; the sentence says what to do."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_serve(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Raises CannotServe for a host off this machine without TLS, or a port that is taken."""
    if not is_loopback(host) and (certificate is None or key is None):
        raise CannotServe(
            f"{host} is not this machine alone: run `python -m app tls make HOSTNAME` first, "
            "or give --cert and --key"
        )
    _free(host, port)


def serve(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve `wsgi.app` until stopped."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        ssl_cert=certificate,
        ssl_key=key,
        working_dir=Path(__file__).resolve().parent.parent,
    ).serve()


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise CannotServe(
                f"cannot listen on {host}:{port}: {fault.strerror}; choose another PORT"
            ) from fault


def address(host: str, port: int, secure: bool) -> str:
    """What a person types into the browser. Behind 0.0.0.0 that is this machine's own name."""
    shown = socket.gethostname() if host in ("0.0.0.0", "::") else host
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def site_certificate(data: Path, host: str) -> tuple[Path | None, Path | None]:
    """The site's own certificate for serving off this machine; (None, None) on loopback or when not made."""
    chain, key = tls.server_files(data)
    if is_loopback(host) or not chain.exists():
        return None, None
    return chain, key
