"""The network as phones see it: under which addresses this machine can be reached, and by what."""

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address

from content_server.errors import PortTaken, SettingRefused
from content_server.phrases import Phrase, _

HTTP_PORT, SPARE_PORT = 80, 8000
GET_ADDRESS = 0x8915  # SIOCGIFADDR, linux/sockios.h
VIRTUAL = ("lo", "docker", "br-", "veth", "virbr", "vmnet", "tun", "tap")  # no phone is behind them
WIRELESS, WIRED = ("wl", "wifi", "ap"), ("eth", "en")


@dataclass(frozen=True)
class Door:
    """One way into this machine: an address, and the words for the wire or the air it hangs on."""

    ip: str
    words: Phrase

    def url(self, port: int) -> str:
        return f"http://{self.ip}" if port == HTTP_PORT else f"http://{self.ip}:{port}"


def doors(listening_on: str = "0.0.0.0") -> list[Door]:  # noqa: S104  # a box is there to be reached
    """Return the ways in, Wi-Fi first; none when the machine is in no network.

    Read anew at every call: Wi-Fi is switched on and off. `listening_on` one address, only that.
    """
    found = {door.ip: door for door in _found() if not IPv4Address(door.ip).is_loopback}
    if listening_on == "0.0.0.0":  # noqa: S104  # compared, not bound
        return sorted(found.values(), key=lambda door: (_rank(door), IPv4Address(door.ip)))
    return [door for door in found.values() if door.ip == listening_on]


def listen(host: str, port: int | None) -> socket.socket:
    """Listen on `port`; without one, on 80 when this machine lets us, else on 8000.

    Raises PortTaken, and SettingRefused for a host that is no address of this machine.
    """
    for tried in (port,) if port is not None else (HTTP_PORT, SPARE_PORT):
        with suppress(PermissionError, OSError):
            return _bound(host, tried)
    if not _is_ours(host):
        raise SettingRefused(_("Máy này không có địa chỉ {host}.", host=host))
    raise PortTaken(
        _(
            "Cổng {port} không dùng được: chương trình khác đang giữ, hoặc cần quyền quản trị."
            " Hãy chọn cổng khác, ví dụ: --port 8080",
            port=port if port is not None else f"{HTTP_PORT}, {SPARE_PORT}",
        )
    )


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    try:
        if sys.platform != "win32":  # there it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)  # a hall opens the page at the same moment
    except OSError:
        listening.close()
        raise
    return listening


def _is_ours(host: str) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.bind((host, 0))
        return True
    return False


def _found() -> Iterator[Door]:
    if sys.platform == "linux":
        yield from _linux()
        return
    with suppress(OSError):
        for address in socket.gethostbyname_ex(socket.gethostname())[2]:
            yield Door(address, _("Mạng"))


def _linux() -> Iterator[Door]:
    """Ask the kernel for the address of every interface."""
    import fcntl  # noqa: PLC0415  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _index, name in socket.if_nameindex():
            if name.startswith(VIRTUAL):
                continue
            request = struct.pack("256s", name.encode()[:15])
            with suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(asking.fileno(), GET_ADDRESS, request)
                yield Door(socket.inet_ntoa(answer[20:24]), _words(name))


def _words(name: str) -> Phrase:
    if name.startswith(WIRELESS):
        return _("Wi-Fi của máy này")
    return _("Dây mạng") if name.startswith(WIRED) else _("Mạng {name}", name=name)


def _rank(door: Door) -> int:
    return 0 if "Wi-Fi" in door.words.message else 1
