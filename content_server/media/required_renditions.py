"""The door to media work that is done at once: a medium and a file in, its renditions out."""

from collections.abc import Callable
from pathlib import Path

from content_server.media.audio.voice_renditions import make_voice_renditions
from content_server.media.ffmpeg.commands import THREADS
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.images.image_worker import make_image_renditions
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.media.video.captions import make_captions_rendition
from content_server.media.video.clip_renditions import make_compat
from content_server.media.video.trial_encodes import Memory

__all__ = ["EncodedFile", "MediaKind", "recipe_of", "shrink"]


def shrink(  # noqa: PLR0913  # what is made, where, and who listens
    medium: MediaKind,
    source: Path,
    folder: Path,
    *,
    memory: Memory | None = None,
    threads: int = THREADS,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[EncodedFile]:
    """Make what a lesson needs of `source` to be published, in `folder`, the caller's to remove.

    Of a clip that is the rendition every phone plays; the others are made later (clips.make_rung).
    `memory` is what is known of the source already; what is found out is added. Raises
    MediumRefused when the source is at fault, EncodeFailed, EncodeTimedOut or EncodeCancelled when
    the work is.
    """
    match medium:
        case MediaKind.IMAGE:
            return make_image_renditions(source, folder)
        case MediaKind.VOICE:
            return make_voice_renditions(
                source,
                folder,
                memory=memory,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
            )
        case MediaKind.CLIP:
            bench = open_job_directory(
                source, folder, threads=threads, on_progress=on_progress, is_cancelled=is_cancelled
            )
            return make_compat(bench, {} if memory is None else memory)
        case MediaKind.CAPTIONS:
            return make_captions_rendition(source, folder)
