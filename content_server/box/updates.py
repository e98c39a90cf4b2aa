"""Updates while the box serves: from USB sticks and, when reachable, from the server."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from content_server.box.installed_pack import InstalledPack
from content_server.box.pack_install import (
    find_packs,
    install_from_server,
    install_pack_file,
    is_fully_copied,
)
from content_server.errors import AppError, ServerUnreachable
from content_server.phrases import Phrase, _
from content_server.site.course.container import CoursePack

CHECK_FOLDERS_EVERY_S = 5.0
CHECK_SERVER_EVERY_S = 15 * 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UpdateNotice:
    """The result of an update, for the person at the box."""

    succeeded: bool
    phrase: Phrase


class UpdateWatcher:
    """Looks for newer packs and installs them, one at a time, in its own thread."""

    def __init__(
        self,
        installed: InstalledPack,
        folders: Sequence[Path] | None,
        server: str = "",
        on_notice: Callable[[UpdateNotice], None] = lambda _notice: None,
        check_every_s: float = CHECK_FOLDERS_EVERY_S,
    ) -> None:
        """Watch `folders`, or USB sticks when None, and the server at address `server` unless "".

        `on_notice` is called with the result of each update.
        """
        self._installed = installed
        self._folders = folders
        self._server = server
        self._on_notice = on_notice
        self._check_every_s = check_every_s
        self._checked: dict[
            Path, tuple[int, int]
        ] = {}  # size and mtime (ns) of files already checked
        self._next_server_check = 0.0
        self._stop = Event()
        self._thread = Thread(target=self._run, name="box-updates", daemon=True)
        self.last_notice: UpdateNotice | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    def check_once(self) -> None:
        """Check every folder and, when it is due, the server. Raises no AppError."""
        for folder in find_usb_folders() if self._folders is None else self._folders:
            self._check_folder(folder)
        if self._server and time.monotonic() >= self._next_server_check:
            self._next_server_check = time.monotonic() + CHECK_SERVER_EVERY_S
            self._install(lambda: install_from_server(self._installed, self._server))

    def _run(self) -> None:
        while not self._stop.wait(self._check_every_s):
            try:
                self.check_once()
            except Exception:
                # A USB stick can fail in unexpected ways; serving and checking must go on.
                log.exception("looking for a newer pack")

    def _check_folder(self, folder: Path) -> None:
        for path, manifest in find_packs(folder):
            try:
                state = path.stat()
            except OSError:
                continue
            key = (state.st_size, state.st_mtime_ns)
            if self._checked.get(path) == key or not is_fully_copied(path):
                continue
            self._checked[path] = key
            if manifest != self._installed.manifest:
                self._install(lambda path=path: install_pack_file(self._installed, path))  # type: ignore[misc]

    def _install(self, install: Callable[[], CoursePack | None]) -> None:
        try:
            pack = install()
        except ServerUnreachable as error:
            log.info("%s", error)  # no internet is the usual state of a box
        except AppError as error:
            self._notify(UpdateNotice(succeeded=False, phrase=error.phrase))
        else:
            if pack is not None:
                self._notify(UpdateNotice(succeeded=True, phrase=describe_installed(pack)))

    def _notify(self, notice: UpdateNotice) -> None:
        self.last_notice = notice
        self._on_notice(notice)


def describe_installed(pack: CoursePack) -> Phrase:
    manifest = pack.manifest
    return _(
        "Đã nhận gói số {number}, nội dung ngày {day}, {lessons} bài.",
        number=manifest.sequence,
        day=manifest.formatted_date,
        lessons=manifest.lessons,
    )


def find_usb_folders() -> Iterator[Path]:
    """Yield the folders where this system mounts USB sticks."""
    if sys.platform == "win32":
        yield from (Path(f"{letter}:/") for letter in "DEFGHIJKL")
        return
    for pattern in ("media/*", "media/*/*", "run/media/*/*", "mnt/*", "Volumes/*"):
        yield from Path("/").glob(pattern)
