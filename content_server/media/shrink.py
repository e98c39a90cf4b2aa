"""The one door to all media work: a medium and a file in, its renditions out."""

from collections.abc import Callable
from pathlib import Path

from content_server.media.captions import make_captions_rendition
from content_server.media.clips import make_clip_renditions
from content_server.media.images import make_image_renditions
from content_server.media.ladder import recipe_of
from content_server.media.medium import Made, Medium
from content_server.media.voices import make_voice_renditions

__all__ = ["Made", "Medium", "recipe_of", "shrink"]


def shrink(
    medium: Medium,
    source: Path,
    folder: Path,
    *,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[Made]:
    """Make all renditions of `source` in `folder`, which must exist and is the caller's to remove.

    Raises MediumRefused when the source is at fault, EncodeFailed, EncodeTimedOut or
    EncodeCancelled when the work is.
    """
    match medium:
        case Medium.IMAGE:
            return make_image_renditions(source, folder)
        case Medium.VOICE:
            return make_voice_renditions(
                source, folder, on_progress=on_progress, is_cancelled=is_cancelled
            )
        case Medium.CLIP:
            return make_clip_renditions(
                source, folder, on_progress=on_progress, is_cancelled=is_cancelled
            )
        case Medium.CAPTIONS:
            return make_captions_rendition(source, folder)
