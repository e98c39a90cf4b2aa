"""Growing up: PostgreSQL and a bucket by settings alone show the very same bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import httpx
import pytest
from conftest import LESSON, write_lessons
from media_samples import make_speech
from moto.server import ThreadedMotoServer

from content_server.editorial.status.matrix import matrix_of
from content_server.lessons.editions.catalog import titles_of
from content_server.services import Services, open_services
from content_server.settings import Settings

pytest_plugins = ("fixtures_postgres",)


@pytest.fixture
def bucket_options() -> Iterator[Mapping[str, str]]:
    """A real S3 API on loopback with one bucket in it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    assert httpx.put(f"{endpoint}/province", trust_env=False).is_success
    yield {
        "endpoint": endpoint,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
    }
    server.stop()


def published(house: Services) -> dict[str, dict[str, bytes]]:
    """Return path → encoding → bytes of everything published."""
    assert not house.pipeline.ingest().rejected
    assert not house.worker.run_until_idle().failed
    with house.database.read() as session:
        return {
            entry.path: {v.encoding: house.store.read_bytes(v.digest) for v in entry.variants}
            for entry in house.tree.entries(session)
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
    shown = published(laptop)
    assert shown == published(province)
    assert "/vi/tra-tien" in shown
    assert sum(path.startswith("/m/") for path in shown) >= 3  # two voices and the card
    laptop.database.close()
    province.database.close()


def test_on_postgresql_a_second_walk_changes_nothing(settings: Settings, postgres_url: str) -> None:
    house = open_services(replace(settings, database_url=postgres_url))
    before = published(house)
    with house.database.read() as session:
        generation = house.tree.generation(session)
    assert published(house) == before
    with house.database.read() as session:
        assert house.tree.generation(session) == generation
        row = matrix_of(session)[0]
        of_one = matrix_of(session, folders=["hmn"])
        assert set(row.cells) == {"vi", "hmn"}
        assert of_one == [row]
        assert titles_of(session, [row.slug, "khong-co"]) == {row.slug: row.title}
    house.database.close()
