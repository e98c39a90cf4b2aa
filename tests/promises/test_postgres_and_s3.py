"""Growing up: PostgreSQL and a bucket by settings alone show the very same bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from content_server.editorial.status.matrix import load_matrix
from content_server.lessons.editions.catalog import lesson_titles
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_speech
from tests.support.s3 import run_s3


@pytest.fixture
def bucket_options() -> Iterator[Mapping[str, str]]:
    """A real S3 API on loopback with one bucket in it."""
    with run_s3("province") as options:
        yield options


def publish_and_read_all(services: Services) -> dict[str, dict[str, bytes]]:
    """Return path → encoding → bytes of everything published."""
    assert not services.pipeline.ingest().rejected
    assert not services.worker.run_until_idle().failed
    with services.database.read() as session:
        return {
            entry.path: {v.encoding: services.store.read_bytes(v.digest) for v in entry.variants}
            for entry in services.tree.entries(session)
        }


def test_a_province_shows_the_same_bytes_as_a_laptop(
    settings: Settings, postgres_url: str, bucket_options: Mapping[str, str]
) -> None:
    make_speech(settings.media_dir / "ten.opus")
    write_lessons(settings.lessons_dir, vi__tra_tien="voice: ten.opus\n" + LESSON)
    laptop = open_services(settings)
    province = open_services(
        replace(
            settings,
            data_dir=settings.data_dir.with_name("province"),
            database_url=postgres_url,
            store_url="s3://province/lessons",
            store_options=bucket_options,
        )
    )
    shown = publish_and_read_all(laptop)
    assert shown == publish_and_read_all(province)
    assert "/vi/tra-tien" in shown
    assert sum(path.startswith("/m/") for path in shown) >= 3  # two voices and the card
    laptop.database.close()
    province.database.close()


def test_on_postgresql_a_second_walk_changes_nothing(settings: Settings, postgres_url: str) -> None:
    services = open_services(replace(settings, database_url=postgres_url))
    before = publish_and_read_all(services)
    with services.database.read() as session:
        generation = services.tree.generation(session)
    assert publish_and_read_all(services) == before
    with services.database.read() as session:
        assert services.tree.generation(session) == generation
        row = load_matrix(session)[0]
        of_one = load_matrix(session, folders=["hmn"])
        assert set(row.cells) == {"vi", "hmn"}
        assert of_one == [row]
        assert lesson_titles(session, [row.slug, "khong-co"]) == {row.slug: row.title}
    services.database.close()
