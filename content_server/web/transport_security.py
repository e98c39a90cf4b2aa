"""How a request was transported: whether it was encrypted, and the address of its sender."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.types import Scope

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
FORWARDING = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip"}


@dataclass(frozen=True)
class Transport:
    """How one request came here.

    `is_private`: over HTTPS, or from this machine to itself. `address`: the sender's IP
    address, never stored.
    """

    is_private: bool
    is_encrypted: bool
    address: str


def transport_of(scope: Scope, trusted: Iterable[str] = ()) -> Transport:
    """Return how a request was transported; forwarding headers count only from `trusted` networks.

    Plain HTTP is private only from this machine to a loopback name of its own, with no header of a
    proxy. A proxy that does not announce HTTPS therefore leaves the editors' pages closed.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    peer = str((scope.get("client") or ("", 0))[0])
    encrypted, address = scope.get("scheme") == "https", peer
    if _is_in(peer, trusted):
        encrypted = encrypted or _nearest_value(headers.get(b"x-forwarded-proto")) == "https"
        address = _nearest_value(headers.get(b"x-forwarded-for")) or peer
    is_local = (
        _is_loopback(peer)
        and not FORWARDING & headers.keys()
        and _host_name(headers.get(b"host", b"")) in LOOPBACK_NAMES
    )
    return Transport(encrypted or is_local, encrypted, address)


def _nearest_value(value: bytes | None) -> str:
    """Return the last value, written by the nearest proxy; earlier ones can be forged."""
    return (value or b"").decode("latin-1").rsplit(",", 1)[-1].strip().lower()


def _host_name(host: bytes) -> str:
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
