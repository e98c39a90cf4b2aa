"""Decodes pictures in a sandboxed process, so that a hostile one can harm nothing else.

Picture decoders are C code, as ffmpeg's are, and so they run as ffmpeg does (ffmpeg.runner): limits
for processor, memory, time and files, no network, no environment, death with the server. Results
come back as JSON, never as pickled objects. A process takes some 0.2 s. The program it runs is
image_worker/__main__.py.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from content_server.errors import EncodeFailed, EncodeTimedOut, InvalidMedia
from content_server.media.ffmpeg import runner
from content_server.media.images.redaction import PhotoEdits, RedactedPhoto
from content_server.media.limits import MB, check_file
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.phrases import Phrase, _

RESULT_FILE = "result.json"  # in the folder of the process, as every file it writes
OUTPUT_FILE = "output"
# The largest picture needs three copies of 50 million pixels of four bytes each.
LIMITS = runner.Limits(
    cpu_s=60, wall_s=120, memory_bytes=2 << 30, file_size_bytes=200 * MB, open_files=64
)


def make_image_renditions(
    source: Path, folder: Path, priority: runner.ToolPriority = runner.NORMAL_PRIORITY
) -> list[EncodedFile]:
    """Make the image ladder of a photo or screenshot in `folder`.

    Raises InvalidMedia for anything but a whole picture in an allowed format and size.
    """
    result = _run_worker("renditions", source, folder, priority)
    return [
        EncodedFile(
            rung=str(each["rung"]),
            path=folder / Path(str(each["name"])).name,
            content_type=str(each["content_type"]),
            width_px=int(each["width_px"]),
            height_px=int(each["height_px"]),
            note=_phrase_from_json(each["note"]) if each["note"] else None,
        )
        for each in result["files"]
    ]


def photo_size(
    source: Path, priority: runner.ToolPriority = runner.NORMAL_PRIORITY
) -> tuple[int, int]:
    """Decode all of a picture; return its upright size in px. Raises InvalidMedia."""
    result, _output = _run_for_person("size", source, priority)
    return int(result["width_px"]), int(result["height_px"])


def redact_photo(
    source: Path, edits: PhotoEdits, priority: runner.ToolPriority = runner.NORMAL_PRIORITY
) -> RedactedPhoto:
    """Return the picture with its boxes filled, then cropped. Raises InvalidMedia."""
    result, output = _run_for_person("redact", source, priority, edits.model_dump(mode="json"))
    extension = "png" if result["extension"] == "png" else "jpg"
    return RedactedPhoto(output, extension, int(result["width_px"]), int(result["height_px"]))


def make_preview(source: Path, priority: runner.ToolPriority = runner.NORMAL_PRIORITY) -> bytes:
    """Return a photo for its editor to draw boxes on, as JPEG. Raises InvalidMedia."""
    return _run_for_person("preview", source, priority)[1]


def downscale_photo(
    source: Path, priority: runner.ToolPriority = runner.NORMAL_PRIORITY
) -> tuple[bytes, str] | None:
    """Return a picture a quarter narrower and its extension; None when it may not get smaller.

    Raises InvalidMedia.
    """
    result, output = _run_for_person("downscale", source, priority)
    if result["extension"] is None:
        return None
    return output, "png" if result["extension"] == "png" else "jpg"


def _run_for_person(
    task: str,
    source: Path,
    priority: runner.ToolPriority,
    options: dict[str, Any] | None = None,
) -> tuple[dict[str, Any], bytes]:
    """Run a task a person waits for, at normal niceness; return its result and output bytes.

    Raises InvalidMedia.
    """
    with tempfile.TemporaryDirectory(prefix="image-worker-") as folder:
        waited_for = replace(priority, niceness=0)
        result = _run_worker(task, source, Path(folder), waited_for, options)
        output = Path(folder) / OUTPUT_FILE
        return result, output.read_bytes() if output.exists() else b""


def _run_worker(
    task: str,
    source: Path,
    folder: Path,
    priority: runner.ToolPriority,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Run a task in `folder`; return its result. Raises InvalidMedia."""
    check_file(source, MediaKind.IMAGE)
    program = [sys.executable, "-I", "-m", "content_server.media.images.image_worker.__main__"]
    arguments = [task, str(source.absolute()), json.dumps(options or {})]
    try:
        runner.run_tool([*program, *arguments], LIMITS, folder, priority=priority)
    except EncodeTimedOut as error:
        raise InvalidMedia(
            _("Ảnh này quá sức máy nên máy đã dừng. Hãy thu nhỏ rồi đưa lên lại.")
        ) from error
    except EncodeFailed as error:
        raise InvalidMedia(
            _("Ảnh hỏng hoặc không phải ảnh. Hãy đưa ảnh JPEG, PNG, WebP, GIF hoặc AVIF.")
        ) from error
    result_file = folder / RESULT_FILE
    result: dict[str, Any] = json.loads(result_file.read_text("utf-8"))
    result_file.unlink()
    if phrase := result.get("refused"):
        raise InvalidMedia(_phrase_from_json(phrase))
    return result


def _phrase_from_json(stored: dict[str, Any]) -> Phrase:
    return Phrase(str(stored["message"]), dict(stored["values"]))
