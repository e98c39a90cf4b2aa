"""Updates while the box serves: a stick that is put in, and the server when it can be reached."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from content_server.box.installed_pack import Installed
from content_server.box.pack_install import bring_file, bring_from_server, is_settled, newest_in
from content_server.errors import AppError, ServerOutOfReach
from content_server.phrases import Phrase, _
from content_server.site.course.container import Pack

LOOK_EVERY_S = 5.0
ASK_EVERY_S = 15 * 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What the last update came to, in words for the person at the box."""

    fine: bool
    words: Phrase


class Updates:
    """Looks for newer packs, one at a time, in a thread of its own."""

    def __init__(
        self,
        installed: Installed,
        folders: Sequence[Path] | None,
        server: str = "",
        tell: Callable[[News], None] = lambda _news: None,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """`folders` to watch; None: sticks, where this system puts them. `server`: empty, none."""
        self._installed = installed
        self._folders = folders
        self._server = server
        self._tell = tell
        self._look_every_s = look_every_s
        self._seen: dict[Path, tuple[int, int]] = {}  # size and time of files that were judged
        self._ask_at = 0.0
        self._stop = Event()
        self._thread = Thread(target=self._run, name="box-updates", daemon=True)
        self.news: News | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    def look(self) -> None:
        """Look once at every folder and, when it is time, at the server. Never raises Refused."""
        for folder in sticks() if self._folders is None else self._folders:
            self._look_into(folder)
        if self._server and time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + ASK_EVERY_S
            self._bring(lambda: bring_from_server(self._installed, self._server))

    def _run(self) -> None:
        while not self._stop.wait(self._look_every_s):
            try:
                self.look()
            except Exception:
                # A stick can fail in ways nobody named; the lessons go on, and so does looking.
                log.exception("looking for a newer pack")

    def _look_into(self, folder: Path) -> None:
        for path, manifest in newest_in(folder):
            try:
                state = path.stat()
            except OSError:
                continue
            key = (state.st_size, state.st_mtime_ns)
            if self._seen.get(path) == key or not is_settled(path):
                continue
            self._seen[path] = key
            if manifest != self._installed.manifest:
                self._bring(lambda path=path: bring_file(self._installed, path))  # type: ignore[misc]

    def _bring(self, bring: Callable[[], Pack | None]) -> None:
        try:
            pack = bring()
        except ServerOutOfReach as refused:
            log.info("%s", refused)  # no internet is the usual state of a box
        except AppError as refused:
            self._say(News(fine=False, words=refused.phrase))
        else:
            if pack is not None:
                self._say(News(fine=True, words=brought(pack)))

    def _say(self, news: News) -> None:
        self.news = news
        self._tell(news)


def brought(pack: Pack) -> Phrase:
    manifest = pack.manifest
    return _(
        "Đã nhận gói số {number}, nội dung ngày {day}, {lessons} bài.",
        number=manifest.sequence,
        day=manifest.day,
        lessons=manifest.lessons,
    )


def sticks() -> Iterator[Path]:
    """Yield where sticks appear on this system."""
    if sys.platform == "win32":
        yield from (Path(f"{letter}:/") for letter in "DEFGHIJKL")
        return
    for pattern in ("media/*", "media/*/*", "run/media/*/*", "mnt/*", "Volumes/*"):
        yield from Path("/").glob(pattern)
