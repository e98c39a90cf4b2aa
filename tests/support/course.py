"""A published course for tests of course packs and village boxes: lessons, a voice, a key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from content_server.box.installed_pack import InstalledPack
from content_server.box.network import NetworkAddress
from content_server.box.pack_install import install_pack_file
from content_server.box.updates import UpdateWatcher
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.course.container import (
    END_OF_ARCHIVE,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    tar_header,
    tar_padding,
)
from content_server.site.course.course_pack import CoursePackBuilder
from content_server.site.course.keys import SigningKey, create_key
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tree import BuiltPage, CachePolicy
from content_server.web.box import create_box
from content_server.web.published.front import Front
from tests.support.lesson_files import LESSON, TRANSLATION, write_lessons

HTML = "text/html; charset=utf-8"

ADDRESSES = [
    NetworkAddress("192.168.4.1", _("Wi-Fi của máy này")),
    NetworkAddress("10.0.0.7", _("Dây mạng")),
]


@dataclass(frozen=True)
class CoursePublisher:
    """Services with published lessons, their course pack, and its signing key."""

    services: Services
    course: CoursePackBuilder
    key: SigningKey

    @classmethod
    def open(cls, services: Services) -> "CoursePublisher":
        services.pipeline.ingest()
        assert not services.worker.run_until_idle().failed
        site_builder = SiteBuilder(
            services.settings, services.database, services.store, services.tree
        )
        return cls(
            services, CoursePackBuilder(site_builder), create_key(services.settings.data_dir)
        )

    def write(self, folder: Path, name: str = "goi.tar") -> Path:
        folder.mkdir(exist_ok=True)
        return self.course.write(self.course.build(), folder / name).path

    def publish(self, name: str, text: str = "Chào bác", *, voice: bytes = b"") -> None:
        """Publish one more page, with a voice under its own name when there are bytes for one."""
        medium = ""
        if voice:
            made = RenditionView(
                "only", self.services.store.put_bytes(voice), "audio/ogg", len(voice)
            )
            media = self.services.tree.prepare_media([made])
            with self.services.database.write() as session:
                self.services.tree.add_media(session, media)
            medium = made.path
        body = f"<!doctype html><title>{text}</title><p>{text}<audio src={medium}>".encode()
        prepared = self.services.tree.prepare(
            [BuiltPage(f"/vi/{name}", body, HTML, CachePolicy.PAGE)]
        )
        with self.services.database.write() as session:
            self.services.tree.replace(session, f"test:{name}", prepared)

    def forge(self, said: dict[str, object]) -> bytes:
        """Return a pack truly signed, whose manifest says what no honest server writes."""
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return (
            tar_header(MANIFEST_NAME, len(text))
            + (text + tar_padding(len(text)) + tar_header(SIGNATURE_NAME, 64))
            + (self.key.sign(text) + tar_padding(64) + END_OF_ARCHIVE)
        )


@contextmanager
def open_course_publisher(folder: Path) -> Iterator[CoursePublisher]:
    """Open services in `folder` with one lesson in two languages, and their course pack."""
    lessons = write_lessons(folder / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)
    (folder / "media").mkdir()
    services = open_services(
        Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    )
    yield CoursePublisher.open(services)
    services.database.close()


def open_box(
    folder: Path, pack: Path, key: str, addresses: list[NetworkAddress] | None = None
) -> Front:
    """Return a box over a pack, with a Wi-Fi to show."""
    folder.mkdir()
    installed = InstalledPack(folder)
    install_pack_file(installed, pack, lambda _pack: key)
    settings = Settings(wifi_name="Nậm Loỏng; 1", wifi_password="hoc:bai,2026")  # noqa: S106  # of the test
    shown = ADDRESSES if addresses is None else addresses
    updates = UpdateWatcher(installed, [])
    app = create_box(installed, updates, settings, lambda: shown, 80)
    assert isinstance(app, Front)
    return app
