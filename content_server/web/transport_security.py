"""The line a request came over: may it be listened to, and who is at the other end."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.types import Scope

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
FORWARDING = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip"}


@dataclass(frozen=True)
class Line:
    """`private`: HTTPS, or this machine itself. `address`: the visitor's, kept nowhere."""

    private: bool
    encrypted: bool
    address: str


def line_of(scope: Scope, trusted: Iterable[str] = ()) -> Line:
    """Judge the line of a request; only proxies in `trusted` (networks) are believed.

    HTTP counts as private only from this machine to this machine by its own name, with no sign of a
    proxy between: a proxy that tells nobody of HTTPS leaves the rooms closed, never open.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    peer = str((scope.get("client") or ("", 0))[0])
    encrypted, address = scope.get("scheme") == "https", peer
    if _is_in(peer, trusted):
        encrypted = encrypted or _last(headers.get(b"x-forwarded-proto")) == "https"
        address = _last(headers.get(b"x-forwarded-for")) or peer
    alone = (
        _is_loopback(peer)
        and not FORWARDING & headers.keys()
        and _name(headers.get(b"host", b"")) in LOOPBACK_NAMES
    )
    return Line(encrypted or alone, encrypted, address)


def _last(value: bytes | None) -> str:
    """Return what the nearest proxy wrote: anybody may have written what stands before."""
    return (value or b"").decode("latin-1").rsplit(",", 1)[-1].strip().lower()


def _name(host: bytes) -> str:
    text = host.decode("latin-1").strip().lower()
    return text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]


def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _is_in(peer: str, networks: Iterable[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(network, strict=False) for network in networks)
