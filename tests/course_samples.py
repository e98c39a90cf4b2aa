"""A published course of its own for tests of packs and boxes: lessons, a voice, a key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest import LESSON, TRANSLATION, write_lessons

from content_server.box.installed_pack import Installed
from content_server.box.network import Door
from content_server.box.pack_install import bring_file
from content_server.box.updates import Updates
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.course.container import END, MANIFEST_NAME, SIGNATURE_NAME, header, padding
from content_server.site.course.course_pack import Course
from content_server.site.course.keys import SigningKey, make_key
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tree import Cache, Page
from content_server.web.box import create_box
from content_server.web.published.front import Front

HTML = "text/html; charset=utf-8"

DOORS = [Door("192.168.4.1", _("Wi-Fi của máy này")), Door("10.0.0.7", _("Dây mạng"))]


@dataclass(frozen=True)
class School:
    """A house with lessons published, its course, and its key."""

    house: Services
    course: Course
    key: SigningKey

    @classmethod
    def open(cls, house: Services) -> "School":
        house.pipeline.ingest()
        assert not house.worker.run_until_idle().failed
        press = SiteBuilder(house.settings, house.database, house.store, house.tree)
        return cls(house, Course(press), make_key(house.settings.data_dir))

    def write(self, folder: Path, name: str = "goi.tar") -> Path:
        folder.mkdir(exist_ok=True)
        return self.course.write(self.course.pack(), folder / name).path

    def publish(self, name: str, text: str = "Chào bác", *, voice: bytes = b"") -> None:
        """Publish one more page, with a voice under its own name when there are bytes for one."""
        medium = ""
        if voice:
            made = RenditionView("only", self.house.store.put_bytes(voice), "audio/ogg", len(voice))
            media = self.house.tree.prepare_media([made])
            with self.house.database.write() as session:
                self.house.tree.add_media(session, media)
            medium = made.path
        body = f"<!doctype html><title>{text}</title><p>{text}<audio src={medium}>".encode()
        prepared = self.house.tree.prepare([Page(f"/vi/{name}", body, HTML, Cache.PAGE)])
        with self.house.database.write() as session:
            self.house.tree.replace(session, f"test:{name}", prepared)

    def forged(self, said: dict[str, object]) -> bytes:
        """Return a pack truly signed, whose manifest says what no honest server writes."""
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return (
            header(MANIFEST_NAME, len(text))
            + (text + padding(len(text)) + header(SIGNATURE_NAME, 64))
            + (self.key.sign(text) + padding(64) + END)
        )


@contextmanager
def school_in(folder: Path) -> Iterator[School]:
    """Open a school of its own in `folder`, with one lesson in two languages."""
    lessons = write_lessons(folder / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)
    (folder / "media").mkdir()
    house = open_services(
        Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    )
    yield School.open(house)
    house.database.close()


def boxed(folder: Path, pack: Path, key: str, doors: list[Door] | None = None) -> Front:
    """Return a box over a pack, with a Wi-Fi to show."""
    folder.mkdir()
    installed = Installed(folder)
    bring_file(installed, pack, lambda _pack: key)
    settings = Settings(wifi_name="Nậm Loỏng; 1", wifi_password="hoc:bai,2026")  # noqa: S106  # of the test
    shown = DOORS if doors is None else doors
    updates = Updates(installed, [])
    app = create_box(installed, updates, settings, lambda: shown, 80)
    assert isinstance(app, Front)
    return app
