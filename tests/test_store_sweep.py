"""The store is swept of what nothing names, and every flipped bit is found and named."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import LESSON, write_lessons
from media_samples import make_speech
from rich.console import Console
from sqlmodel import select

from content_server.cli.store import damages_of, repair_store
from content_server.db import utc_now
from content_server.errors import SettingRefused
from content_server.jobs.queue import claim
from content_server.media.gc import read_grace, sweep
from content_server.media.media_kinds import MediaKind
from content_server.media.tables import Rendition, Source
from content_server.pipeline.publish import PUBLISH
from content_server.services import Services
from content_server.settings import Settings

A_MONTH_S = 30 * 86_400
WEEK = timedelta(days=7)


def taught(house: Services) -> None:
    make_speech(house.settings.media_dir / "ten.opus")
    write_lessons(house.settings.lessons_dir, vi__tra_tien="voice: ten.opus\n" + LESSON)
    assert not house.pipeline.ingest().rejected
    assert not house.worker.run_until_idle().failed


def file_of(house: Services, digest: str) -> Path:
    assert house.store.folder is not None
    return house.store.folder / digest[:2] / digest


def make_old(house: Services) -> None:
    """Let every file look as if it was put a month ago."""
    for digest in house.store.digests():
        long_ago_s = time.time() - A_MONTH_S
        os.utime(file_of(house, digest), (long_ago_s, long_ago_s))


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def a_voice(house: Services) -> Rendition:
    with house.database.read() as session:
        return session.exec(select(Rendition).where(Rendition.rung == "opus")).one()


def test_a_sweep_removes_what_nothing_names_and_nothing_else(house: Services) -> None:
    taught(house)
    used = set(house.store.digests())
    orphan = house.store.put_bytes(b"nobody's")
    make_old(house)
    young = house.store.put_bytes(b"not named yet")
    counted = sweep(house.database, house.store, WEEK, dry_run=True)
    assert set(house.store.digests()) == used | {orphan, young}
    swept = sweep(house.database, house.store, WEEK)
    assert swept == counted
    assert (swept.files, swept.sources, swept.renditions) == (1, 0, 0)
    assert set(house.store.digests()) == used | {young}
    assert not list(damages_of(house))


def test_a_source_of_no_lesson_goes_with_all_made_of_it(house: Services) -> None:
    taught(house)
    digest = house.store.put_bytes(b"a source")
    made = house.store.put_bytes(b"a rendition")
    with house.database.write() as session:
        long_ago = a_voice(house)
        source = session.get(Source, long_ago.source_digest)
        assert source is not None
        session.add(
            Source(
                digest=digest,
                medium=MediaKind.VOICE,
                name="cũ.m4a",
                bytes=8,
                created_at=source.created_at - timedelta(days=30),
            )
        )
        session.flush()
        session.add(
            Rendition(
                source_digest=digest,
                recipe="voice-1",
                rung="opus",
                digest=made,
                content_type="audio/ogg",
                bytes=11,
            )
        )
    make_old(house)
    swept = sweep(house.database, house.store, WEEK)
    assert (swept.files, swept.sources, swept.renditions) == (2, 1, 1)


def test_what_is_put_again_while_a_sweep_runs_stays(house: Services) -> None:
    digest = house.store.put_bytes(b"wanted again")
    make_old(house)
    before = utc_now() - WEEK
    house.store.put_bytes(b"wanted again")
    assert not house.store.discard(digest, before)
    assert house.store.verify(digest)


@pytest.mark.parametrize("text", ["", "7", "0d", "-1d", "soon", "30m", "99999d"])
def test_a_grace_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused):
        read_grace(text)


def test_every_flipped_bit_is_found_and_named(house: Services) -> None:
    taught(house)
    assert not list(damages_of(house))
    for digest in list(house.store.digests()):
        path = file_of(house, digest)
        whole = path.read_bytes()
        flip_a_bit(path)
        (damage,) = damages_of(house)
        assert damage.digest == digest
        assert damage.files
        path.write_bytes(whole)


def test_a_damaged_voice_names_its_file_and_lesson_and_is_made_again(
    house: Services, settings: Settings
) -> None:
    taught(house)
    voice = a_voice(house)
    flip_a_bit(file_of(house, voice.digest))
    (damage,) = damages_of(house)
    assert "ten.opus" in str(damage)
    assert damage.lessons == ("tra-tien/vi",)
    repair_store(settings, Console(quiet=True))
    assert not house.pipeline.ingest().rejected
    with house.database.write() as session:
        assert not claim(session, "another machine", [PUBLISH]), "no page without its voice"
    assert not house.worker.run_until_idle().failed
    assert house.store.verify(voice.digest)
    assert not list(damages_of(house))
