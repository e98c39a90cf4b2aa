"""A small published lesson with voices, and the tools that look at its packs."""

import shutil
import subprocess
from pathlib import Path

from conftest import LESSON, TRANSLATION, write_lessons
from lacking import lacking
from media_samples import make_speech

from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.packs.makers import maker_of
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson

VOICED = LESSON.replace("why:", "voice: tra-tien/ten.wav\nwhy:", 1).replace(
    "  - id: mo\n", "  - id: mo\n    voice: tra-tien/mo.wav\n", 1
)
POPPLER = "poppler-utils"
TOOLS = {
    "soffice": "libreoffice-impress-nogui",
    "pdftoppm": POPPLER,
    "pdftotext": POPPLER,
    "pdfinfo": POPPLER,
}


SPOKEN_ONLY = "voice: tra-tien/ten.wav\nsteps: {mo: {voice: tra-tien/mo.wav}}\n"


def open_packed_house(folder: Path, lesson: str = VOICED, **more: str) -> Services:
    """Publish one lesson in Vietnamese and Mông (`more` as in write_lessons), two recordings."""
    files = {"vi__tra_tien": lesson, "hmn__tra_tien": TRANSLATION} | more
    lessons = write_lessons(folder / "lessons", **files)
    media = folder / "media"
    (media / "tra-tien").mkdir(parents=True)
    for seconds, name in enumerate(("ten", "mo"), start=2):
        make_speech(media / "tra-tien" / f"{name}.wav", seconds=seconds)
    house = open_services(Settings(folder / "data", lessons, media))
    assert not house.pipeline.ingest().rejected
    assert not house.worker.run_until_idle().failed
    return house


def open_copied_house(prepared: Path, folder: Path) -> Services:
    """Open a copy of a published house: nothing is made small again."""
    shutil.copytree(prepared, folder)
    return open_services(Settings(folder / "data", folder / "lessons", folder / "media"))


def taught_by(house: Services, folder: str = "vi", slug: str = "tra-tien") -> PackLesson:
    with house.database.read() as session:
        return house.pipeline.packer.taught(session, slug, folder)


def make(kind: PackKind, taught: PackLesson, place: Path) -> Pack:
    place.mkdir(parents=True)
    return maker_of(kind)(taught, place, PackJob())


def tool(name: str) -> str:
    """Return a program of scripts/install-test-tools; without it the test is skipped, CI fails."""
    program = shutil.which(name)
    if program is None:
        lacking(f"needs {name}: apt-get install {TOOLS[name]}")
    return program


def run(program: str, *arguments: object) -> bytes:
    argv = [tool(program), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, check=True, timeout=120).stdout  # noqa: S603  # ours
