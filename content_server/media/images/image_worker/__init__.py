"""Develops pictures in a process of their own: a hostile one costs a sentence and nothing else.

The decoders of pictures are C, as ffmpeg's are, and so they run as ffmpeg does (runner): limits for
processor, memory, time and files, no network, no environment, dead with the server. What they say
comes back as JSON, never as objects. A process costs some 0.2 s. Its other end: developing.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from content_server.errors import EncodeFailed, EncodeTimedOut, MediumRefused
from content_server.media.ffmpeg import runner
from content_server.media.images.redaction import Covered, PhotoEdits
from content_server.media.limits import MB, check_file
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.phrases import Phrase, _

RESULT = "result.json"  # in the folder of the process, as every file it makes
# 50 million points in four colours, three copies of them: what the largest picture takes
LIMITS = runner.Limits(
    cpu_s=60, wall_s=120, memory_bytes=2 << 30, file_size_bytes=200 * MB, open_files=64
)


def make_image_renditions(source: Path, folder: Path) -> list[EncodedFile]:
    """Make the image ladder of a photo or screenshot in `folder`.

    Raises MediumRefused for anything but a whole picture in an allowed format and size.
    """
    told = _developed("renditions", source, folder)
    return [
        EncodedFile(
            rung=str(each["rung"]),
            path=folder / Path(str(each["name"])).name,
            content_type=str(each["content_type"]),
            width_px=int(each["width_px"]),
            height_px=int(each["height_px"]),
            note=_phrase(each["note"]) if each["note"] else None,
        )
        for each in told["made"]
    ]


def size_of(source: Path) -> tuple[int, int]:
    """Decode all of a picture; return its upright size in px. Raises MediumRefused."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        told = _developed("size", source, Path(folder))
    return int(told["width_px"]), int(told["height_px"])


def covered(source: Path, marks: PhotoEdits) -> Covered:
    """Return the picture with its boxes filled, then cropped. Raises MediumRefused."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        told = _developed("covered", source, Path(folder), marks.model_dump(mode="json"))
        data = (Path(folder) / "covered").read_bytes()
    ending = "png" if told["ending"] == "png" else "jpg"
    return Covered(data, ending, int(told["width_px"]), int(told["height_px"]))


def preview(source: Path) -> bytes:
    """Return a photo for its editor to draw boxes on, as JPEG. Raises MediumRefused."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        _developed("preview", source, Path(folder))
        return (Path(folder) / "preview").read_bytes()


def lighter_picture(source: Path) -> tuple[bytes, str] | None:
    """Return a picture a quarter narrower and its ending; None when it is as small as it may be.

    Raises MediumRefused.
    """
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        told = _developed("lighter", source, Path(folder))
        if told["ending"] is None:
            return None
        return (Path(folder) / "lighter").read_bytes(), "png" if told["ending"] == "png" else "jpg"


def _developed(
    work: str, source: Path, folder: Path, given: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Have the work done in `folder`; return what was told. Raises MediumRefused."""
    check_file(source, MediaKind.IMAGE)
    program = [sys.executable, "-I", "-m", "content_server.media.images.image_worker.__main__"]
    words = [work, str(source.absolute()), json.dumps(given or {})]
    try:
        runner.run([*program, *words], LIMITS, folder, is_waited_for=work != "renditions")
    except EncodeTimedOut as error:
        raise MediumRefused(
            _("Ảnh này quá sức máy nên máy đã dừng. Hãy thu nhỏ rồi đưa lên lại.")
        ) from error
    except EncodeFailed as error:
        raise MediumRefused(
            _("Ảnh hỏng hoặc không phải ảnh. Hãy đưa ảnh JPEG, PNG, WebP, GIF hoặc AVIF.")
        ) from error
    result = folder / RESULT
    told: dict[str, Any] = json.loads(result.read_text("utf-8"))
    result.unlink()
    if refused := told.get("refused"):
        raise MediumRefused(_phrase(refused))
    return told


def _phrase(told: dict[str, Any]) -> Phrase:
    return Phrase(str(told["message"]), dict(told["values"]))
