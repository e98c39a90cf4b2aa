"""bench/transcode.py compares any clips with other encoders, and skips broken files."""

import json
import os
import subprocess
from pathlib import Path

from content_server.settings import PROJECT_DIR
from tests.support.media_files import make_clip


def test_any_clip_is_compared_and_a_broken_one_costs_a_line(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    make_clip(
        clips / "odd.mp4", "-pix_fmt", "yuv444p", source="testsrc2=s=333x241:r=12:d=1"
    )  # odd sides, no sound
    (clips / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 100)
    figures, plot = tmp_path / "figures.json", tmp_path / "plot.png"
    done = subprocess.run(  # noqa: S603  # our own words
        [PROJECT_DIR / "bench/transcode.py", clips, "--json", figures, "--plot", plot],
        capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "broken.mp4: left out" in done.stdout
    files = json.loads(figures.read_text())["files"]
    assert {file["maker"] for file in files} == {"ours", "PeerTube", "MediaCMS", "chat", "Apple"}
    compat = next(file for file in files if file["rung"] == "compat")
    assert (compat["width_px"], compat["sound_kb_a_minute"]) == (332, 0)
    assert compat["peertube"]["ratio"] > 0
    assert all(0 <= file["vmaf_mean"] <= 100 for file in files if file["rung"] != "stills")
    assert plot.read_bytes().startswith(b"\x89PNG")
