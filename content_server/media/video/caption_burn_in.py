"""Burns captions into a finished clip, for a file that is passed on by itself."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from content_server.media.ffmpeg.clip_commands import burn_in_captions_command
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.screens.text_layout import FONT_FILE
from content_server.media.video.captions import Cue, format_webvtt


def burn_in_captions(clip: Path, cues: Sequence[Cue], folder: Path) -> Path:
    """Burn `cues` into our own H.264 `clip`; return the new MP4 in `folder`.

    Raises InvalidMedia for a clip that cannot be read, EncodeFailed, EncodeTimedOut.
    """
    job_directory = open_job_directory(clip, folder)
    captions, fonts, target = folder / "words.vtt", folder / "fonts", folder / "burned-in.mp4"
    captions.write_text(format_webvtt(cues), "utf-8")
    fonts.mkdir()
    shutil.copy(FONT_FILE, fonts / "roboto.ttf")
    job_directory.run(
        burn_in_captions_command(
            clip, target, captions.name, fonts.name, threads=job_directory.threads
        ),
        job_directory.info.duration_ms / 1000,
    )
    captions.unlink()
    shutil.rmtree(fonts)
    return target
