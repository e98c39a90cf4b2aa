"""A house where media are handed in: its people, a real microphone's sound, a line that is cut."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fixtures_browser import launched_chromium
from making_samples import house_of
from media_samples import ffmpeg
from people_samples import PASSPHRASE, add
from playwright.sync_api import Browser, Page
from published_samples import free_port

from content_server.accounts.roles import Grant, Role
from content_server.services import Services
from content_server.settings import PROJECT_DIR

PHONE = {"width": 360, "height": 740}
SPOKEN = PROJECT_DIR / "media/tra-tien-dien/vi"


def handing_house(folder: Path, lessons: int = 2) -> Services:
    """Return a house with an author and a Mông speaker, its worker at work."""
    house = house_of(folder, lessons)
    add(house, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    add(house, "sung", Grant(Role.SPEAKER, "hmn"), name="Sùng Thị Mỷ")
    return house


def spoken_wav(folder: Path) -> Path:
    """Return a real recording as Chromium's fake microphone reads it: it is heard in a loop."""
    wav = folder / "spoken.wav"
    recording = min(SPOKEN.glob("*.opus"))
    ffmpeg("-i", recording, "-ac", 1, "-ar", 48000, "-c:a", "pcm_s16le", wav)
    return wav


@contextlib.contextmanager
def browser_with_microphone(wav: Path) -> Iterator[Browser]:
    """A Chromium whose microphone hears a file."""
    with launched_chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
        "--autoplay-policy=no-user-gesture-required",
    ) as browser:
        yield browser


def enter(page: Page, login: str, where: str) -> None:
    """Sign in, and go on to `where`."""
    page.goto(f"/-/vao?ve={where}")
    page.fill("[name=name]", login)
    page.fill("[name=passphrase]", PASSPHRASE)
    page.press("[name=passphrase]", "Enter")
    page.wait_for_url(f"**{where}")


def started(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the real server over a folder, and wait until it answers."""
    port = free_port()
    env = os.environ | {
        "CONTENT_SERVER_DATA_DIR": str(folder / "data"),
        "CONTENT_SERVER_LESSONS_DIR": str(folder / "lessons"),
        "CONTENT_SERVER_MEDIA_DIR": str(folder / "media"),
    }
    argv = [sys.executable, "-m", "content_server", "serve", "--port", str(port)]
    server = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL)  # noqa: S603  # ours
    address = f"http://127.0.0.1:{port}"
    for _try in range(150):
        try:
            if httpx.get(f"{address}/-/vao").status_code == 200:
                return server, address
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(address)


class CutLine:
    """A line to a server that is cut, hard, each time so many bytes have gone up."""

    def __init__(self, address: str, cut_at_bytes: list[int]) -> None:
        self._to = (urlsplit(address).hostname, urlsplit(address).port)
        self._cuts = sorted(cut_at_bytes)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.sent_bytes = 0
        self.cut_times = 0
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        _end(self._listening)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _from = self._listening.accept()
                server = socket.create_connection(self._to)
                threading.Thread(target=self._up, args=(phone, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, phone), daemon=True).start()

    def _up(self, phone: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := phone.recv(16_384):
                server.sendall(data)
                with self._lock:
                    self.sent_bytes += len(data)
                    cut = bool(self._cuts) and self.sent_bytes >= self._cuts[0]
                    if cut:
                        self._cuts.pop(0)
                        self.cut_times += 1
                if cut:
                    _reset(phone, server)
                    return
        _end(phone, server)

    def _down(self, server: socket.socket, phone: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                phone.sendall(data)
        _end(phone, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _reset(*ends: socket.socket) -> None:
    """End with RST, as a mast that is lost does."""
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
