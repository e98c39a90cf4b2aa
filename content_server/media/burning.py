"""Writes captions into a finished clip, for a file that is handed on by itself."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from content_server.media.captions import Cue, written
from content_server.media.clip_commands import burned_in_command
from content_server.media.screens.text import FONT_FILE
from content_server.media.workbench import open_bench


def burn_in(clip: Path, cues: Sequence[Cue], folder: Path) -> Path:
    """Write `cues` into the pictures of our own H.264 `clip`; return the new MP4 in `folder`.

    Raises MediumRefused for a clip that cannot be read, EncodeFailed, EncodeTimedOut.
    """
    bench = open_bench(clip, folder)
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
