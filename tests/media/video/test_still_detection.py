"""The settle detector keeps what stands still, and nothing in between."""

from pathlib import Path

import numpy as np
import pytest

from content_server.media.ffmpeg.clip_commands import ANALYSIS_FPS
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.media_kinds import ClipKind
from content_server.media.video import still_detection
from content_server.media.video.clip_analysis import analyse_clip
from content_server.media.video.still_detection import (
    GreyFrames,
    detect_slide_changes,
    detect_stills,
    measure_changes,
    most_distinct_frames,
)
from content_server.media.video.still_edits import StillEdits, StillMove
from tests.support.media_files import run_ffmpeg

WIDE, TALL = 180, 320


def screen(seed: int) -> GreyFrames:
    """A picture like a screen: white, with lines of dark letters."""
    drawn = np.full((TALL, WIDE), 245, np.uint8)
    noise = np.random.default_rng(seed)
    for top in range(20, TALL - 20, 24):
        drawn[top : top + 8, 12 : 12 + int(noise.integers(40, 150))] = noise.integers(20, 90)
    return drawn


def clip_of(*parts: tuple[GreyFrames, float]) -> GreyFrames:
    """Pictures held for so many seconds, one after another."""
    return np.concatenate(
        [
            np.repeat(picture[None], round(held_s * ANALYSIS_FPS), axis=0)
            for picture, held_s in parts
        ]
    )


def moments_of(pictures: GreyFrames) -> tuple[float, ...]:
    return detect_stills(pictures, measure_changes(pictures)).moments_s


def test_every_screen_at_rest_is_kept_once() -> None:
    assert moments_of(clip_of((screen(1), 2), (screen(2), 3), (screen(3), 1))) == pytest.approx(
        (0, 2.1, 5.1), abs=0.11
    )


def test_no_half_scrolled_screen_is_kept() -> None:
    long = np.concatenate([screen(1), screen(2)])
    way = np.linspace(0, TALL, 12).astype(int)[1:-1]
    scrolling = np.stack([long[top : top + TALL] for top in way])
    clip = np.concatenate([clip_of((screen(1), 2)), scrolling, clip_of((screen(2), 2))])
    moments = moments_of(clip)
    assert len(moments) == 2
    assert moments[1] >= 2 + len(scrolling) / ANALYSIS_FPS


def test_typing_ends_in_one_still_with_all_the_letters() -> None:
    letters = [screen(1)]
    for place in range(20):
        typed = letters[-1].copy()
        typed[300:312, 10 + place * 8 : 16 + place * 8] = 30
        letters.append(typed)
    clip = np.concatenate([clip_of((screen(1), 2)), *[clip_of((each, 0.2)) for each in letters],
                           clip_of((letters[-1], 2))])  # fmt: skip
    moments = moments_of(clip)
    assert 2 <= len(moments) <= 5
    last = clip[round(moments[-1] * ANALYSIS_FPS)]
    assert np.abs(last.astype(int) - letters[-1]).mean() < 1  # the whole word is on it


def test_a_blinking_cursor_is_nothing_new() -> None:
    on = screen(1)
    on[100:112, 90:92] = 20
    clip = clip_of(*[(each, 0.5) for each in (screen(1), on) * 6])
    assert len(moments_of(clip)) == 1


def test_a_photograph_that_glides_by_is_kept_once_and_the_next_one_too() -> None:
    chance = np.random.default_rng(5)
    photos = [
        np.kron(chance.integers(low, low + 90, (14, 6)), np.ones((30, 30))).astype(np.uint8)
        for low in (9, 99)
    ]
    gliding = [photo[top : top + TALL] for photo in photos for top in range(50)]
    # Leaves that flicker change as many blocks as a turn does; their levels stay.
    gliding[20:23] = [picture[::-1] for picture in gliding[20:23]]
    clip = np.stack(gliding)
    assert detect_slide_changes(clip, measure_changes(clip)).moments_s == pytest.approx(
        (0, 5.1), abs=0.2
    )


def test_a_slow_zoom_is_told_again_now_and_then() -> None:
    steps = np.linspace(1, 1.6, 15 * ANALYSIS_FPS)
    whole = np.random.default_rng(4).integers(0, 255, (TALL // 8, WIDE // 8), np.uint8)
    large = np.kron(whole, np.ones((8, 8), np.uint8))
    zoom = np.stack([_zoom(large, step) for step in steps])
    assert 2 <= len(moments_of(zoom)) <= 6


def _zoom(picture: GreyFrames, by: float) -> GreyFrames:
    rows = (np.arange(TALL) / by).astype(int) % picture.shape[0]
    columns = (np.arange(WIDE) / by).astype(int) % picture.shape[1]
    return picture[np.ix_(rows, columns)]


def test_a_fade_is_kept_when_it_is_over() -> None:
    parts = np.linspace(0, 1, 8)[1:-1, None, None]
    fading = (screen(1) * (1 - parts) + screen(2) * parts).astype(np.uint8)
    clip = np.concatenate([clip_of((screen(1), 2)), fading, clip_of((screen(2), 2))])
    moments = moments_of(clip)
    assert len(moments) == 2
    assert moments[1] >= 2 + len(fading) / ANALYSIS_FPS


def test_a_clip_that_never_rests_says_so() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (50, TALL, WIDE), np.uint8)
    assert detect_stills(noise, measure_changes(noise)).rest_share < 0.1


def test_a_strip_takes_the_stills_least_like_one_another() -> None:
    almost = screen(1).copy()
    almost[300:306, 20:26] = 30
    pictures = np.stack([screen(1), almost, screen(2), almost, screen(3)])
    assert most_distinct_frames(pictures, 3) == [0, 2, 4]


def test_no_more_stills_than_a_person_can_look_at() -> None:
    clip = clip_of(*[(screen(seed), 0.4) for seed in range(60)])
    assert (
        len(moments_of(clip))
        <= still_detection.MAX_STILLS_PER_MINUTE * len(clip) / ANALYSIS_FPS / 60 + 1
    )


def test_a_person_has_the_last_word() -> None:
    found = (0, 3_100, 8_000)
    assert StillEdits(add=(12.4,), drop=(3.0,)).apply_to(found) == (0, 8_000, 12_400)
    assert StillEdits(move=(StillMove(at=8, to=9.5),)).apply_to(found) == (0, 3_100, 9_500)
    assert StillEdits(only=(1, 2)).apply_to(found) == (1_000, 2_000)
    assert StillEdits(drop=(5.2,)).apply_to(found) == found  # none is near
    assert StillEdits(drop=(0, 3.1, 8)).apply_to(found) == (0,)  # one always stays
    assert StillEdits().fingerprint == ""
    assert StillEdits(add=(1,)).fingerprint != StillEdits(add=(2,)).fingerprint


KINDS = {
    ClipKind.NATURAL: "testsrc2=s=360x220:r=25:d=4,"
    "crop=320:180:x='20+12*sin(n*2.7)':y='20+12*cos(n*1.9)',noise=alls=12:allf=t",
    ClipKind.SLIDES: "mandelbrot=s=320x180:r=1:end_scale=0.05,fps=25,trim=end=6",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_clip_shows_is_seen_from_its_pictures(tmp_path: Path, kind: ClipKind) -> None:
    run_ffmpeg("-f", "lavfi", "-i", KINDS[kind], "-t", 6, "-crf", 18, tmp_path / "in.mp4")
    look = analyse_clip(open_job_directory(tmp_path / "in.mp4", tmp_path))
    assert look.kind is kind
    assert look.why.endswith(".")


def test_silence_is_cut_where_the_picture_rests_too(tmp_path: Path) -> None:
    """Two seconds of nothing at both ends; the voice is 3 s, the picture changes in the middle."""
    sound = "sine=f=300:d=3,adelay=2000:all=1,apad=pad_dur=2"
    box = "drawbox=x=20:y=40:w=90:h=90:t=fill:c=black:enable='gt(t,4)'"
    picture = f"color=white:s=180x320:r=10:d=7,{box}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, tmp_path / "in.mp4")
    cut = analyse_clip(open_job_directory(tmp_path / "in.mp4", tmp_path)).cut
    assert cut.start_ms == pytest.approx(1_880, abs=120)
    assert cut.end_ms == pytest.approx(5_120, abs=250)
    assert (tmp_path / "analysis.grey").exists() is False


def test_what_is_shown_in_silence_is_not_cut(tmp_path: Path) -> None:
    picture = "testsrc=s=180x320:r=10:d=3"
    sound = "sine=f=300:d=1,adelay=2000:all=1"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, tmp_path / "in.mp4")
    assert analyse_clip(open_job_directory(tmp_path / "in.mp4", tmp_path)).cut.start_ms == 0
