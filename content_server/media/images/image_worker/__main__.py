"""The program that image_worker starts for one picture: TASK SOURCE OPTIONS (JSON).

It works in the folder it is started in. Its result, or the reason for a refusal, goes to
RESULT_FILE, bytes of a picture to OUTPUT_FILE.
"""

import json
import sys
from pathlib import Path
from typing import Any

from content_server.errors import InvalidMedia
from content_server.media.images import downscaling, image_renditions, redaction
from content_server.media.images.image_worker import OUTPUT_FILE, RESULT_FILE
from content_server.media.media_kinds import EncodedFile
from content_server.phrases import Phrase


def run_task(task: str, source: Path, options: dict[str, Any]) -> None:
    """Perform the task and write its result."""
    try:
        result = _perform(task, source, options)
    except InvalidMedia as error:
        result = {"refused": _phrase_to_json(error.phrase)}
    Path(RESULT_FILE).write_text(json.dumps(result), "utf-8")


def _perform(task: str, source: Path, options: dict[str, Any]) -> dict[str, Any]:
    match task:
        case "renditions":
            files = image_renditions.encode_image_renditions(source, Path())
            return {"files": [_file_to_json(each) for each in files]}
        case "redact":
            edits = redaction.PhotoEdits.model_validate(options)
            photo = redaction.redact_picture(source, edits)
            Path(OUTPUT_FILE).write_bytes(photo.data)
            return {
                "extension": photo.extension,
                "width_px": photo.width_px,
                "height_px": photo.height_px,
            }
        case "preview":
            Path(OUTPUT_FILE).write_bytes(redaction.render_preview(source))
            return {}
        case "downscale":
            data, extension = downscaling.downscale_picture(source) or (b"", None)
            Path(OUTPUT_FILE).write_bytes(data)
            return {"extension": extension}
        case _:
            width_px, height_px = redaction.measure_picture(source)
            return {"width_px": width_px, "height_px": height_px}


def _file_to_json(made: EncodedFile) -> dict[str, Any]:
    return {
        "rung": made.rung,
        "name": made.path.name,
        "content_type": made.content_type,
        "width_px": made.width_px,
        "height_px": made.height_px,
        "note": _phrase_to_json(made.note) if made.note else None,
    }


def _phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    return {"message": phrase.message, "values": phrase.values}


if __name__ == "__main__":
    run_task(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
