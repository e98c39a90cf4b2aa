"""Writes captions into a finished clip, for a file that is handed on by itself."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from content_server.media.ffmpeg.clip_commands import burned_in_command
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.screens.text_layout import FONT_FILE
from content_server.media.video.captions import Cue, written


def burn_in(clip: Path, cues: Sequence[Cue], folder: Path) -> Path:
    """Write `cues` into the pictures of our own H.264 `clip`; return the new MP4 in `folder`.

    Raises MediumRefused for a clip that cannot be read, EncodeFailed, EncodeTimedOut.
    """
    bench = open_job_directory(clip, folder)
    words, fonts, target = folder / "words.vtt", folder / "fonts", folder / "burned-in.mp4"
    words.write_text(written(cues), "utf-8")
    fonts.mkdir()
    shutil.copy(FONT_FILE, fonts / "roboto.ttf")
    bench.run(
        burned_in_command(clip, target, words.name, fonts.name, threads=bench.threads),
        bench.info.duration_ms / 1000,
    )
    words.unlink()
    shutil.rmtree(fonts)
    return target
