"""The network addresses under which phones can reach this machine."""

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address

from content_server.errors import InvalidSetting, PortTaken
from content_server.phrases import Phrase, _

HTTP_PORT, FALLBACK_PORT = 80, 8000
SIOCGIFADDR = 0x8915  # SIOCGIFADDR, linux/sockios.h
VIRTUAL_PREFIXES = (
    "lo",
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "tun",
    "tap",
)  # not reachable by phones
WIRELESS_PREFIXES, WIRED_PREFIXES = ("wl", "wifi", "ap"), ("eth", "en")


@dataclass(frozen=True)
class NetworkAddress:
    """An IPv4 address of this machine, and the name of its network for people."""

    ip: str
    label: Phrase

    def url(self, port: int) -> str:
        return f"http://{self.ip}" if port == HTTP_PORT else f"http://{self.ip}:{port}"


def network_addresses(listening_on: str = "0.0.0.0") -> list[NetworkAddress]:  # noqa: S104  # a box is there to be reached
    """Return the addresses of this machine, Wi-Fi first; [] when it is in no network.

    They are read at each call, since Wi-Fi is switched on and off. When the server listens on one
    address only (`listening_on`), that one is returned.
    """
    found = {each.ip: each for each in _find_addresses() if not IPv4Address(each.ip).is_loopback}
    if listening_on == "0.0.0.0":  # noqa: S104  # compared, not bound
        return sorted(found.values(), key=lambda each: (_sort_rank(each), IPv4Address(each.ip)))
    return [each for each in found.values() if each.ip == listening_on]


def listen(host: str, port: int | None) -> socket.socket:
    """Listen on `port`; without one, on 80 where permitted, else on 8000.

    Raises PortTaken, and InvalidSetting for a host that is no address of this machine.
    """
    for tried in (port,) if port is not None else (HTTP_PORT, FALLBACK_PORT):
        with suppress(PermissionError, OSError):
            return _bind(host, tried)
    if not _is_local_address(host):
        raise InvalidSetting(_("Máy này không có địa chỉ {host}.", host=host))
    raise PortTaken(
        _(
            "Cổng {port} không dùng được: chương trình khác đang giữ, hoặc cần quyền quản trị."
            " Hãy chọn cổng khác, ví dụ: --port 8080",
            port=port if port is not None else f"{HTTP_PORT}, {FALLBACK_PORT}",
        )
    )


def _bind(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    try:
        if sys.platform != "win32":  # on Windows it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)  # a group opens the page at the same moment
    except OSError:
        listening.close()
        raise
    return listening


def _is_local_address(host: str) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.bind((host, 0))
        return True
    return False


def _find_addresses() -> Iterator[NetworkAddress]:
    if sys.platform == "linux":
        yield from _linux_addresses()
        return
    with suppress(OSError):
        for address in socket.gethostbyname_ex(socket.gethostname())[2]:
            yield NetworkAddress(address, _("Mạng"))


def _linux_addresses() -> Iterator[NetworkAddress]:
    """Ask the kernel for the address of every interface."""
    import fcntl  # noqa: PLC0415  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _index, name in socket.if_nameindex():
            if name.startswith(VIRTUAL_PREFIXES):
                continue
            request = struct.pack("256s", name.encode()[:15])
            with suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(asking.fileno(), SIOCGIFADDR, request)
                yield NetworkAddress(socket.inet_ntoa(answer[20:24]), _interface_label(name))


def _interface_label(name: str) -> Phrase:
    if name.startswith(WIRELESS_PREFIXES):
        return _("Wi-Fi của máy này")
    return _("Dây mạng") if name.startswith(WIRED_PREFIXES) else _("Mạng {name}", name=name)


def _sort_rank(address: NetworkAddress) -> int:
    return 0 if "Wi-Fi" in address.label.message else 1
