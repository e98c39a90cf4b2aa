"""The interface of a pack kind: what a maker receives, what it returns, and how it is found.

To add a pack kind:

1. Write a module in this package with one function of type `PackMaker`. `lesson_audio.py` is a
   short example; `epub.py` shows a maker that draws frames and renders templates.
2. Register it in `pack_kinds.py`: a member of `PackKind` and its entry in `PACK_KINDS`.

The downloads page, the addresses, the CLI and the job that builds packs read `PACK_KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from content_server.media.ffmpeg.runner import NORMAL_PRIORITY, ToolPriority
from content_server.phrases import Phrase
from content_server.site.packs.pack_kinds import PACK_KINDS, PackKind
from content_server.site.packs.pack_lesson import PackLesson


@dataclass(frozen=True)
class PackJob:
    """The job a maker works for: it reports progress (0 to 1) and asks whether to stop."""

    on_progress: Callable[[float], None] = lambda _share: None
    is_cancelled: Callable[[], bool] = lambda: False
    priority: ToolPriority = NORMAL_PRIORITY


@dataclass(frozen=True)
class PackFile:
    """A finished file in the job's folder."""

    path: Path
    duration_ms: int | None = None  # of audio and video
    notes: tuple[Phrase, ...] = ()  # what the file lacks, shown beside it on the downloads page

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size


PackMaker = Callable[[PackLesson, Path, PackJob], PackFile]
"""Writes the pack of one lesson in one language into an empty folder and returns its file.

The same PackLesson must give the same bytes: no current time, no random names. The file is named
`{pack_lesson.name}` and the suffix of its kind. A maker raises PackUnavailable, with a phrase that
says what is missing, when the lesson cannot be packed as this kind. Other files it leaves in the
folder are deleted with the folder.
"""


def load_pack_maker(kind: PackKind) -> PackMaker:
    """Return the maker of a kind. Its module is imported now: typst and python-pptx load slowly."""
    module, _dot, function = PACK_KINDS[kind].maker.partition(".")
    return cast(
        "PackMaker", getattr(import_module(f"content_server.site.packs.{module}"), function)
    )
