"""Makes the renditions a lesson needs before it is published, whatever the kind of the source."""

from collections.abc import Callable
from pathlib import Path

from content_server.media.audio.voice_renditions import make_voice_renditions
from content_server.media.ffmpeg.command_line import THREADS
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.ffmpeg.runner import NORMAL_PRIORITY, ToolPriority
from content_server.media.images.image_worker import make_image_renditions
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.media.video.captions import make_captions_rendition
from content_server.media.video.clip_renditions import make_compat
from content_server.media.video.trial_encodes import Analyses

__all__ = ["EncodedFile", "MediaKind", "make_required_renditions", "recipe_of"]


def make_required_renditions(  # noqa: PLR0913  # the source, the folder, and how its tools run
    kind: MediaKind,
    source: Path,
    folder: Path,
    *,
    analyses: Analyses | None = None,
    threads: int = THREADS,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    priority: ToolPriority = NORMAL_PRIORITY,
) -> list[EncodedFile]:
    """Make the required renditions of `source` in `folder`, which the caller removes.

    Of a clip that is "compat"; the others are made in the background
    (clip_renditions.make_background_rung). `analyses` are the cached analyses of the source; new
    ones are added. Raises InvalidMedia when the source is at fault; EncodeFailed, EncodeTimedOut
    or EncodeCancelled when the work is.
    """
    match kind:
        case MediaKind.IMAGE:
            return make_image_renditions(source, folder, priority)
        case MediaKind.VOICE:
            return make_voice_renditions(
                source,
                folder,
                analyses=analyses,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
                priority=priority,
            )
        case MediaKind.CLIP:
            job_directory = open_job_directory(
                source,
                folder,
                threads=threads,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
                priority=priority,
            )
            return make_compat(job_directory, {} if analyses is None else analyses)
        case MediaKind.CAPTIONS:
            return make_captions_rendition(source, folder)
