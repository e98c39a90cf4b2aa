"""The settle detector keeps what stands still, and nothing in between."""

from pathlib import Path

import numpy as np
import pytest
from media_samples import ffmpeg

from content_server.media.ffmpeg.clip_commands import LOOK_FPS
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.media_kinds import ClipKind
from content_server.media.video import still_detection
from content_server.media.video.clip_analysis import look_at
from content_server.media.video.still_detection import (
    Pictures,
    changes_of,
    most_telling,
    settled,
    turned,
)
from content_server.media.video.still_edits import Move, WantedStills

WIDE, TALL = 180, 320


def screen(seed: int) -> Pictures:
    """A picture like a screen: white, with lines of dark letters."""
    drawn = np.full((TALL, WIDE), 245, np.uint8)
    noise = np.random.default_rng(seed)
    for top in range(20, TALL - 20, 24):
        drawn[top : top + 8, 12 : 12 + int(noise.integers(40, 150))] = noise.integers(20, 90)
    return drawn


def film(*parts: tuple[Pictures, float]) -> Pictures:
    """Pictures held for so many seconds, one after another."""
    return np.concatenate(
        [np.repeat(picture[None], round(held_s * LOOK_FPS), axis=0) for picture, held_s in parts]
    )


def moments_of(pictures: Pictures) -> tuple[float, ...]:
    return settled(pictures, changes_of(pictures)).moments_s


def test_every_screen_at_rest_is_kept_once() -> None:
    assert moments_of(film((screen(1), 2), (screen(2), 3), (screen(3), 1))) == pytest.approx(
        (0, 2.1, 5.1), abs=0.11
    )


def test_no_half_scrolled_screen_is_kept() -> None:
    long = np.concatenate([screen(1), screen(2)])
    way = np.linspace(0, TALL, 12).astype(int)[1:-1]
    scrolling = np.stack([long[top : top + TALL] for top in way])
    clip = np.concatenate([film((screen(1), 2)), scrolling, film((screen(2), 2))])
    moments = moments_of(clip)
    assert len(moments) == 2
    assert moments[1] >= 2 + len(scrolling) / LOOK_FPS


def test_typing_ends_in_one_still_with_all_the_letters() -> None:
    letters = [screen(1)]
    for place in range(20):
        typed = letters[-1].copy()
        typed[300:312, 10 + place * 8 : 16 + place * 8] = 30
        letters.append(typed)
    clip = np.concatenate([film((screen(1), 2)), *[film((each, 0.2)) for each in letters],
                           film((letters[-1], 2))])  # fmt: skip
    moments = moments_of(clip)
    assert 2 <= len(moments) <= 5
    last = clip[round(moments[-1] * LOOK_FPS)]
    assert np.abs(last.astype(int) - letters[-1]).mean() < 1  # the whole word is on it


def test_a_blinking_cursor_is_nothing_new() -> None:
    on = screen(1)
    on[100:112, 90:92] = 20
    clip = film(*[(each, 0.5) for each in (screen(1), on) * 6])
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
    assert turned(clip, changes_of(clip)).moments_s == pytest.approx((0, 5.1), abs=0.2)


def test_a_slow_zoom_is_told_again_now_and_then() -> None:
    steps = np.linspace(1, 1.6, 15 * LOOK_FPS)
    whole = np.random.default_rng(4).integers(0, 255, (TALL // 8, WIDE // 8), np.uint8)
    large = np.kron(whole, np.ones((8, 8), np.uint8))
    zoom = np.stack([_zoomed(large, step) for step in steps])
    assert 2 <= len(moments_of(zoom)) <= 6


def _zoomed(picture: Pictures, by: float) -> Pictures:
    rows = (np.arange(TALL) / by).astype(int) % picture.shape[0]
    columns = (np.arange(WIDE) / by).astype(int) % picture.shape[1]
    return picture[np.ix_(rows, columns)]


def test_a_fade_is_kept_when_it_is_over() -> None:
    parts = np.linspace(0, 1, 8)[1:-1, None, None]
    fading = (screen(1) * (1 - parts) + screen(2) * parts).astype(np.uint8)
    clip = np.concatenate([film((screen(1), 2)), fading, film((screen(2), 2))])
    moments = moments_of(clip)
    assert len(moments) == 2
    assert moments[1] >= 2 + len(fading) / LOOK_FPS


def test_a_clip_that_never_rests_says_so() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (50, TALL, WIDE), np.uint8)
    assert settled(noise, changes_of(noise)).rest_share < 0.1


def test_a_strip_takes_the_stills_least_like_one_another() -> None:
    almost = screen(1).copy()
    almost[300:306, 20:26] = 30
    pictures = np.stack([screen(1), almost, screen(2), almost, screen(3)])
    assert most_telling(pictures, 3) == [0, 2, 4]


def test_no_more_stills_than_a_person_can_look_at() -> None:
    clip = film(*[(screen(seed), 0.4) for seed in range(60)])
    assert len(moments_of(clip)) <= still_detection.MOST_A_MINUTE * len(clip) / LOOK_FPS / 60 + 1


def test_a_person_has_the_last_word() -> None:
    found = (0, 3_100, 8_000)
    assert WantedStills(add=(12.4,), drop=(3.0,)).applied(found) == (0, 8_000, 12_400)
    assert WantedStills(move=(Move(at=8, to=9.5),)).applied(found) == (0, 3_100, 9_500)
    assert WantedStills(only=(1, 2)).applied(found) == (1_000, 2_000)
    assert WantedStills(drop=(5.2,)).applied(found) == found  # none is near
    assert WantedStills(drop=(0, 3.1, 8)).applied(found) == (0,)  # one always stays
    assert WantedStills().name == ""
    assert WantedStills(add=(1,)).name != WantedStills(add=(2,)).name


KINDS = {
    ClipKind.NATURAL: "testsrc2=s=360x220:r=25:d=4,"
    "crop=320:180:x='20+12*sin(n*2.7)':y='20+12*cos(n*1.9)',noise=alls=12:allf=t",
    ClipKind.SLIDES: "mandelbrot=s=320x180:r=1:end_scale=0.05,fps=25,trim=end=6",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_clip_shows_is_seen_from_its_pictures(tmp_path: Path, kind: ClipKind) -> None:
    ffmpeg("-f", "lavfi", "-i", KINDS[kind], "-t", 6, "-crf", 18, tmp_path / "in.mp4")
    look = look_at(open_job_directory(tmp_path / "in.mp4", tmp_path))
    assert look.kind is kind
    assert look.why.endswith(".")


def test_silence_is_cut_where_the_picture_rests_too(tmp_path: Path) -> None:
    """Two seconds of nothing at both ends; the voice is 3 s, the picture changes in the middle."""
    sound = "sine=f=300:d=3,adelay=2000:all=1,apad=pad_dur=2"
    box = "drawbox=x=20:y=40:w=90:h=90:t=fill:c=black:enable='gt(t,4)'"
    picture = f"color=white:s=180x320:r=10:d=7,{box}"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, tmp_path / "in.mp4")
    cut = look_at(open_job_directory(tmp_path / "in.mp4", tmp_path)).cut
    assert cut.start_ms == pytest.approx(1_880, abs=120)
    assert cut.end_ms == pytest.approx(5_120, abs=250)
    assert (tmp_path / "look.grey").exists() is False


def test_what_is_shown_in_silence_is_not_cut(tmp_path: Path) -> None:
    picture = "testsrc=s=180x320:r=10:d=3"
    sound = "sine=f=300:d=1,adelay=2000:all=1"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, tmp_path / "in.mp4")
    assert look_at(open_job_directory(tmp_path / "in.mp4", tmp_path)).cut.start_ms == 0
