"""The search finds the smallest good setting in few tries, and letters are judged as letters."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from content_server.media.clip_ladder import CLIP_LADDER, ClipRung, clip_rung
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.media_kinds import ClipKind
from content_server.media.screens.text_layout import FONT_FILE
from content_server.media.video.caption_burn_in import burn_in_captions
from content_server.media.video.captions import Cue, shift_cues
from content_server.media.video.clip_renditions import (
    CLIP_ANALYSIS,
    load_clip_analysis,
    make_background_rung,
    make_compat,
    new_analyses,
)
from content_server.media.video.codecs import content_type_of
from content_server.media.video.quality import GreyFrames, Quality, legibility
from content_server.media.video.quality_search import (
    CAUTION,
    TrialEncode,
    find_setting,
    next_whole_crf,
)
from content_server.media.video.stills import SkippedRendition, crf_for_size
from content_server.media.video.trial_encodes import encode_to_target, sample_parts
from tests.support.media_files import make_clip, run_ffmpeg


def rung_of(kind: ClipKind, name: str) -> ClipRung:
    rung = clip_rung(kind, name)
    assert rung is not None
    return rung


LEAN = rung_of(ClipKind.SCREEN, "lean")


def letters() -> Image.Image:
    """A screen of small Vietnamese words."""
    picture = Image.new("L", (360, 640), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT_FILE, 14)
    for line in range(30):
        draw.text((12, 10 + line * 21), "Thanh toán hóa đơn tiền điện tháng này", 30, font)
    return picture


def grey(picture: Image.Image) -> GreyFrames:
    return np.asarray(picture)[None]


def test_letters_are_legible_until_they_run_together() -> None:
    sharp = letters()
    smaller = {
        px: sharp.resize((px, px * 16 // 9)).resize(sharp.size, Image.Resampling.BICUBIC)
        for px in (270, 136)
    }
    found = {px: legibility(grey(sharp), grey(picture)) for px, picture in smaller.items()}
    assert legibility(grey(sharp), grey(sharp)) == pytest.approx(1)
    assert found[136] < found[270]
    assert found[136] < LEAN.target.legible  # at 136 px half of the letters are misread
    plain = np.full((1, 640, 360), 200, np.uint8)
    assert legibility(plain, plain) == 1.0  # nothing to read, nothing lost


def test_what_is_made_smaller_is_judged_as_large_as_it_is_seen(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", "-crf", "5", source="testsrc2=s=640x360:r=10:d=2")
    compat = rung_of(ClipKind.SLIDES, "compat")
    small = replace(compat, short_side_px=180, crf=20, max_encodes=2)
    worth = {}
    for judged_px in (None, 360):
        (folder := tmp_path / str(judged_px)).mkdir()
        bench, memory = open_job_directory(source, folder), new_analyses()
        rung = replace(small, judged_short_side_px=judged_px)
        made = encode_to_target(bench, load_clip_analysis(bench, memory), rung, memory)
        assert made.height_px == 180
        worth[judged_px] = memory[rung.recipe]["mean"]
    assert worth[360] < worth[None] - 3  # what was lost by making it smaller counts


def test_what_rests_is_told_less_often_and_what_moves_is_kept_in_step(tmp_path: Path) -> None:
    rests = "testsrc2=s=160x96:r=20:d=2,tpad=start_mode=clone:start_duration=2"
    bench, memory = (
        open_job_directory(make_clip(tmp_path / "in.mp4", source=rests), tmp_path),
        new_analyses(),
    )
    lean = rung_of(ClipKind.SLIDES, "lean")
    rung = replace(
        lean, crf=20, crf_range=(10, 63), preset="6", target=replace(lean.target, mean=99)
    )
    made = encode_to_target(bench, load_clip_analysis(bench, memory), rung, memory)
    said = run_ffmpeg("-i", made.path, "-c", "copy", "-f", "null", "-")
    pictures = int(re.findall(r"frame= *(\d+)", said)[-1])
    assert 40 + 10 <= pictures <= 40 + 13  # of forty at rest and forty that move
    assert re.search(r"Duration: 00:00:0(4\.0|3\.9)", said)
    assert memory[rung.recipe]["mean"] > 95  # compared picture by picture: none is out of step


@pytest.mark.parametrize("slope", [-0.3, -0.7, -1.5])
@pytest.mark.parametrize("at_sixty", [91.0, 96.0, 99.0])
def test_the_largest_good_setting_is_found_in_four_tries(slope: float, at_sixty: float) -> None:
    tried: list[float] = []

    def try_out(crf: float) -> Quality:
        tried.append(crf)
        mean = min(100.0, at_sixty + slope * (crf - 60))
        return Quality(mean, mean - 2)

    choice = find_setting(try_out, LEAN, 4)
    step = LEAN.crf_step
    wanted = max(
        crf
        for crf in (
            n * step
            for n in range(round(LEAN.crf_range[0] / step), round(LEAN.crf_range[1] / step) + 1)
        )
        if at_sixty + slope * (crf - 60) >= LEAN.target.mean
    )
    assert choice.encodes == len(tried) <= 4
    assert wanted - 2 <= choice.crf <= wanted
    assert len(set(tried)) == len(tried)


def test_what_is_near_enough_is_not_encoded_again() -> None:
    target = LEAN.target
    near = TrialEncode(62, Quality(target.mean + 0.3, target.p5 + 1))
    assert next_whole_crf([near], LEAN) is None
    short = TrialEncode(62, Quality(target.mean - 1, target.p5 + 1))
    wanted = 62 + (1 + LEAN.tolerance_vmaf / 2) / (LEAN.vmaf_per_crf * CAUTION)
    assert next_whole_crf([short], LEAN) == pytest.approx(wanted, abs=LEAN.crf_step)
    blurred = TrialEncode(62, Quality(target.mean + 3, target.p5 + 3, legible=0.5))
    again = next_whole_crf([blurred], LEAN)
    assert again is not None
    assert again < 62


def test_a_sample_stands_for_all_of_a_clip() -> None:
    assert sample_parts(12.0, 5.0, 4.0) == [(0.0, 12.0)]
    parts = sample_parts(60.0, 16.0, 4.0)
    assert len(parts) == 4
    assert all(0 <= start < end <= 60 for start, end in parts)


def test_words_are_burned_in_where_they_are_said(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "in.mp4",
        *("-f", "lavfi", "-i", "sine=d=3", "-c:a", "aac"),
        source="color=black:s=320x240:d=3",
    )
    folder = tmp_path / "job"
    folder.mkdir()
    burned = burn_in_captions(clip, [Cue(1000, 2000, ("Bấm nút xanh",))], folder)
    assert list(folder.iterdir()) == [burned]
    assert "Audio: aac" in run_ffmpeg("-i", burned, "-c", "copy", "-f", "null", "-")
    bright = [_brightness(burned, at_s) for at_s in (0.5, 1.5, 2.5)]
    assert bright[0] == bright[2] < 20
    assert bright[1] > 200


def _brightness(clip: Path, at_s: float) -> int:
    still = clip.parent.parent / f"{at_s}.png"
    run_ffmpeg("-ss", at_s, "-i", clip, "-frames:v", 1, still)
    with Image.open(still) as picture:
        return int(np.asarray(picture.convert("L")).max())


def test_captions_move_with_a_cut_beginning() -> None:
    cues = (Cue(0, 500, ("a",)), Cue(900, 2000, ("b",)), Cue(3000, 4000, ("c",)))
    assert shift_cues(cues, 1000) == (Cue(0, 1000, ("b",)), Cue(2000, 3000, ("c",)))


def test_codecs_are_read_from_the_file_itself(tmp_path: Path) -> None:
    av1 = tmp_path / "av1.mp4"
    run_ffmpeg(*("-f", "lavfi", "-i", "testsrc=s=64x64:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2"),
           *("-c:v", "libsvtav1", "-preset", "10", "-c:a", "libopus", av1))  # fmt: skip
    assert re.fullmatch(r'video/mp4; codecs="av01\.0\.00M\.08, opus"', content_type_of(av1))


def test_stills_that_weigh_too_much_are_made_coarser() -> None:
    stills = rung_of(ClipKind.SLIDES, "stills")
    assert stills.max_kb_per_minute is not None
    allowed = stills.max_kb_per_minute * 1000
    assert crf_for_size(stills, allowed, 60.0) == stills.crf
    coarser = crf_for_size(stills, allowed + 20_000, 60.0)
    assert (
        stills.crf < coarser < crf_for_size(stills, allowed + 90_000, 60.0) <= stills.crf_range[1]
    )


def test_a_clip_without_rest_has_no_stills_and_says_why(tmp_path: Path) -> None:
    shaken = (
        "testsrc2=s=200x120:r=10:d=3,crop=160:90:x='20+12*sin(n*2.7)':y='15+9*cos(n*1.9)',"
        "noise=alls=12:allf=t"
    )
    bench = open_job_directory(make_clip(tmp_path / "in.mp4", source=shaken), tmp_path)
    memory: dict[str, dict[str, object]] = {}
    made = make_compat(bench, memory)
    assert memory[CLIP_ANALYSIS]["kind"] == "natural"
    bytes_before = {each.rung: each.path.stat().st_size for each in made}
    stills = make_background_rung(bench, "stills", memory, bytes_before)
    assert isinstance(stills, SkippedRendition)
    assert str(stills.why).endswith(".")


def test_what_is_not_lighter_is_not_kept(tmp_path: Path) -> None:
    bench = open_job_directory(
        make_clip(tmp_path / "in.mp4", source="color=red:s=64x64:d=1"), tmp_path
    )
    lean = make_background_rung(bench, "lean", {}, {"compat": 100})
    assert isinstance(lean, SkippedRendition)
    assert "không nhẹ hơn" in str(lean.why)
    assert not list(tmp_path.glob("*lean*"))


def test_a_setting_found_is_never_searched_for_again(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", source="testsrc2=s=96x64:r=10:d=2")
    memory: dict[str, dict[str, object]] = {}
    first = make_background_rung(open_job_directory(source, tmp_path), "lean", memory, {})
    assert not isinstance(first, SkippedRendition)
    digest = first[0].path.read_bytes()
    heard: list[list[str]] = []
    bench = open_job_directory(source, tmp_path)
    ran = bench.run

    class Counted(type(bench)):  # type: ignore[misc]  # the same bench, that writes its commands down
        def run(self, argv: list[str], length_s: float = 0.0) -> object:
            heard.append(argv)
            return ran(argv, length_s)

    again = make_background_rung(Counted(**vars(bench)), "lean", memory, {})
    assert not isinstance(again, SkippedRendition)
    assert again[0].path.read_bytes() == digest
    assert len([argv for argv in heard if "libsvtav1" in argv]) == 1
    assert not [argv for argv in heard if any("libvmaf" in word for word in argv)]


def test_every_ladder_begins_with_what_every_phone_plays() -> None:
    for rungs in CLIP_LADDER.values():
        assert rungs[0].name == "compat"
        assert rungs[0].codec == "libx264"
        assert len({rung.recipe for rung in rungs}) == len(rungs)
    assert replace(LEAN, version=2).recipe == "lean-2"
    assert isinstance(LEAN, ClipRung)
