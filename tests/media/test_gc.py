"""The store is swept of what nothing names, and every flipped bit is found and named."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from sqlmodel import select

from content_server.cli.media.store import find_damages, repair_store
from content_server.db import utc_now
from content_server.errors import InvalidSetting
from content_server.jobs.queue import claim_job
from content_server.media.gc import collect_garbage, read_grace
from content_server.media.media_kinds import MediaKind
from content_server.media.tables import Rendition, Source
from content_server.pipeline.publish import PUBLISH
from content_server.services import Services
from content_server.settings import Settings
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_speech

A_MONTH_S = 30 * 86_400
WEEK = timedelta(days=7)


def publish_small_lesson(services: Services) -> None:
    make_speech(services.settings.media_dir / "ten.opus")
    write_lessons(services.settings.lessons_dir, vi__tra_tien="voice: ten.opus\n" + LESSON)
    assert not services.pipeline.ingest().rejected
    assert not services.worker.run_until_idle().failed


def file_of(services: Services, digest: str) -> Path:
    assert services.store.folder is not None
    return services.store.folder / digest[:2] / digest


def make_old(services: Services) -> None:
    """Let every file look as if it was put a month ago."""
    for digest in services.store.digests():
        long_ago_s = time.time() - A_MONTH_S
        os.utime(file_of(services, digest), (long_ago_s, long_ago_s))


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def find_voice_rendition(services: Services) -> Rendition:
    with services.database.read() as session:
        return session.exec(select(Rendition).where(Rendition.rung == "opus")).one()


def test_a_sweep_removes_what_nothing_names_and_nothing_else(services: Services) -> None:
    publish_small_lesson(services)
    used = set(services.store.digests())
    orphan = services.store.put_bytes(b"nobody's")
    make_old(services)
    young = services.store.put_bytes(b"not named yet")
    counted = collect_garbage(services.database, services.store, WEEK, dry_run=True)
    assert set(services.store.digests()) == used | {orphan, young}
    swept = collect_garbage(services.database, services.store, WEEK)
    assert swept == counted
    assert (swept.files, swept.sources, swept.renditions) == (1, 0, 0)
    assert set(services.store.digests()) == used | {young}
    assert not list(find_damages(services))


def test_a_source_of_no_lesson_goes_with_all_made_of_it(services: Services) -> None:
    publish_small_lesson(services)
    digest = services.store.put_bytes(b"a source")
    made = services.store.put_bytes(b"a rendition")
    with services.database.write() as session:
        long_ago = find_voice_rendition(services)
        source = session.get(Source, long_ago.source_digest)
        assert source is not None
        session.add(
            Source(
                digest=digest,
                kind=MediaKind.VOICE,
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
    make_old(services)
    swept = collect_garbage(services.database, services.store, WEEK)
    assert (swept.files, swept.sources, swept.renditions) == (2, 1, 1)


def test_what_is_put_again_while_a_sweep_runs_stays(services: Services) -> None:
    digest = services.store.put_bytes(b"wanted again")
    make_old(services)
    before = utc_now() - WEEK
    services.store.put_bytes(b"wanted again")
    assert not services.store.delete_unless_renewed(digest, before)
    assert services.store.verify(digest)


@pytest.mark.parametrize("text", ["", "7", "0d", "-1d", "soon", "30m", "99999d"])
def test_a_grace_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting):
        read_grace(text)


def test_every_flipped_bit_is_found_and_named(services: Services) -> None:
    publish_small_lesson(services)
    assert not list(find_damages(services))
    for digest in list(services.store.digests()):
        path = file_of(services, digest)
        whole = path.read_bytes()
        flip_a_bit(path)
        (damage,) = find_damages(services)
        assert damage.digest == digest
        assert damage.files
        path.write_bytes(whole)


def test_a_damaged_voice_names_its_file_and_lesson_and_is_made_again(
    services: Services, settings: Settings
) -> None:
    publish_small_lesson(services)
    voice = find_voice_rendition(services)
    flip_a_bit(file_of(services, voice.digest))
    (damage,) = find_damages(services)
    assert "ten.opus" in str(damage)
    assert damage.lessons == ("tra-tien/vi",)
    repair_store(settings, Console(quiet=True))
    assert not services.pipeline.ingest().rejected
    with services.database.write() as session:
        assert not claim_job(session, "another machine", [PUBLISH]), "no page without its voice"
    assert not services.worker.run_until_idle().failed
    assert services.store.verify(voice.digest)
    assert not list(find_damages(services))
