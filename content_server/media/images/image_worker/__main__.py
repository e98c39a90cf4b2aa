"""The program that darkroom starts for one picture: WORK SOURCE GIVEN, in a folder of its own.

Works in the folder it is started in; says what it made, or why it refuses, in RESULT.
"""

import json
import sys
from pathlib import Path
from typing import Any

from content_server.errors import MediumRefused
from content_server.media.images import downscaling, image_renditions, redaction
from content_server.media.images.image_worker import RESULT
from content_server.media.media_kinds import EncodedFile
from content_server.phrases import Phrase


def main(work: str, source: Path, given: dict[str, Any]) -> None:
    """Do the work and write what is to be told."""
    try:
        told = _done(work, source, given)
    except MediumRefused as error:
        told = {"refused": _told(error.phrase)}
    Path(RESULT).write_text(json.dumps(told), "utf-8")


def _done(work: str, source: Path, given: dict[str, Any]) -> dict[str, Any]:
    match work:
        case "renditions":
            return {
                "made": [
                    _row(each) for each in image_renditions.make_image_renditions(source, Path())
                ]
            }
        case "covered":
            made = redaction.covered(source, redaction.PhotoEdits.model_validate(given))
            Path(work).write_bytes(made.data)
            return {"ending": made.ending, "width_px": made.width_px, "height_px": made.height_px}
        case "preview":
            Path(work).write_bytes(redaction.preview(source))
            return {}
        case "lighter":
            data, ending = downscaling.lighter_picture(source) or (b"", None)
            Path(work).write_bytes(data)
            return {"ending": ending}
        case _:
            width_px, height_px = redaction.size_of(source)
            return {"width_px": width_px, "height_px": height_px}


def _row(made: EncodedFile) -> dict[str, Any]:
    return {
        "rung": made.rung,
        "name": made.path.name,
        "content_type": made.content_type,
        "width_px": made.width_px,
        "height_px": made.height_px,
        "note": _told(made.note) if made.note else None,
    }


def _told(phrase: Phrase) -> dict[str, Any]:
    return {"message": phrase.message, "values": phrase.values}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
