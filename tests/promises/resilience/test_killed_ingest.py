"""An ingest killed at any moment is finished once, and nothing half is published."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from PIL import Image

from content_server.jobs.lock import lock_data_folder
from content_server.jobs.queue import JobState, count_by_state
from content_server.pipeline.transcode import TRANSCODE, TRANSCODE_BACKGROUND
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.promises.resilience.ingest_process import (
    check_nothing_half,
    list_running_tools,
    start_ingest,
)
from tests.support.lesson_files import LESSON, TRANSLATION, write_lessons
from tests.support.media_files import make_clip, make_speech

KILLS = 6
ROUNDS = int(os.environ.get("ROUNDS_OF_KILLING", "1"))  # bench/killing asks for more
PHOTO_STEP = """\
  - id: giay
    show: Tìm mã trên tờ giấy.
    photo: {file: giay.jpg, alt: tờ giấy}
"""


def fill(settings: Settings) -> None:
    """Give the small lesson two voices, a photo and a clip."""
    make_speech(settings.media_dir / "ten.opus")
    make_speech(settings.media_dir / "ket.opus", seconds=3)
    make_clip(settings.media_dir / "phim.mp4")
    Image.effect_noise((500, 400), 60).convert("RGB").save(settings.media_dir / "giay.jpg")
    watch = "  - id: xem\n    watch: {clip: phim.mp4}\n"
    lesson = "voice: ten.opus\nending_voice: ket.opus\n" + LESSON + PHOTO_STEP + watch
    write_lessons(settings.lessons_dir, vi__tra_tien=lesson, hmn__tra_tien=TRANSLATION)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_killed_at_any_moment_the_road_is_finished_once(settings: Settings, _round: int) -> None:
    fill(settings)
    seed = random.randrange(10**6)  # noqa: S311  # no secret
    print(f"seed {seed}")  # noqa: T201  # a failure can be walked again
    moments = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(KILLS):
        ingest = start_ingest(settings)
        time.sleep(moments.uniform(0.8, 4.0))
        os.killpg(ingest.pid, signal.SIGKILL)
        ingest.wait()
        if (settings.data_dir / "content.sqlite3").exists():
            check_nothing_half(settings)
    assert start_ingest(settings).wait(timeout=120) == 0
    check_nothing_half(settings)
    for _ in range(2):
        later = start_ingest(settings, work=True)
        time.sleep(moments.uniform(0.8, 3.0))
        os.killpg(later.pid, signal.SIGKILL)
        later.wait()
        check_nothing_half(settings)
    assert start_ingest(settings, work=True).wait(timeout=120) == 0
    check_nothing_half(settings)
    services = open_services(settings)
    with services.database.read() as session:
        states, needed = count_by_state(session), count_by_state(session, [TRANSCODE])
        lighter = count_by_state(session, [TRANSCODE_BACKGROUND])
    assert states[JobState.DONE] == sum(states.values()), states
    assert needed[JobState.DONE] == 4  # media, each once
    assert lighter[JobState.DONE] == 2  # the stills and the lean rendition of the clip
    services.database.close()


def test_a_killed_ffmpeg_is_tried_again(settings: Settings) -> None:
    fill(settings)
    ingest = start_ingest(settings)
    killed = 0
    while ingest.poll() is None and killed < 2:
        for pid in list_running_tools(settings.data_dir / "work"):
            with suppress(ProcessLookupError):  # it ended by itself just now
                os.kill(pid, signal.SIGKILL)
                killed += 1
        time.sleep(0.005)
    assert ingest.wait(timeout=120) == 0
    assert killed >= 1
    check_nothing_half(settings)


def test_two_servers_cannot_share_a_data_folder(settings: Settings, services: Services) -> None:
    assert services.settings is settings
    with lock_data_folder(settings.data_dir):
        second = start_ingest(settings)
        assert second.wait(timeout=60) == 1


@pytest.mark.parametrize("name", ["work", "site"])
def test_a_command_without_data_says_so_plainly(settings: Settings, name: str) -> None:
    out = [str(settings.data_dir.with_name("out"))] if name == "site" else []
    command = [sys.executable, "-m", "content_server", name, *out, "--data", str(settings.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 1}
