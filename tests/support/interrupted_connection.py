"""A TCP proxy that resets the connection after given numbers of bytes."""

import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit


class InterruptedConnection:
    """A proxy to a server; it resets the connection each time so many bytes have been sent up."""

    def __init__(self, address: str, cut_at_bytes: list[int]) -> None:
        self._to = (urlsplit(address).hostname, urlsplit(address).port)
        self._cuts = sorted(cut_at_bytes)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.sent_bytes = 0
        self.cut_count = 0
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
                        self.cut_count += 1
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
