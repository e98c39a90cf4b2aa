"""A small published lesson with voices, and the tools that look at its packs."""

import shutil
import subprocess
from pathlib import Path

from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob, load_pack_maker
from tests.support.lesson_files import LESSON, TRANSLATION, write_lessons
from tests.support.media_files import make_speech
from tests.support.missing_programs import skip_or_fail

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


def open_pack_services(folder: Path, lesson: str = VOICED, **more: str) -> Services:
    """Publish one lesson in Vietnamese and Mông (`more` as in write_lessons), two recordings."""
    files = {"vi__tra_tien": lesson, "hmn__tra_tien": TRANSLATION} | more
    lessons = write_lessons(folder / "lessons", **files)
    media = folder / "media"
    (media / "tra-tien").mkdir(parents=True)
    for seconds, name in enumerate(("ten", "mo"), start=2):
        make_speech(media / "tra-tien" / f"{name}.wav", seconds=seconds)
    services = open_services(Settings(folder / "data", lessons, media))
    assert not services.pipeline.ingest().rejected
    assert not services.worker.run_until_idle().failed
    return services


def open_copied_services(prepared: Path, folder: Path) -> Services:
    """Open a copy of published services: nothing is transcoded again."""
    shutil.copytree(prepared, folder)
    return open_services(Settings(folder / "data", folder / "lessons", folder / "media"))


def read_pack_lesson(services: Services, folder: str = "vi", slug: str = "tra-tien") -> PackLesson:
    with services.database.read() as session:
        return services.pipeline.pack_builder.load_pack_lesson(session, slug, folder)


def make_pack(kind: PackKind, pack_lesson: PackLesson, place: Path) -> PackFile:
    place.mkdir(parents=True)
    return load_pack_maker(kind)(pack_lesson, place, PackJob())


def require_tool(name: str) -> str:
    """Return a program of scripts/install-test-tools; without it the test is skipped, CI fails."""
    program = shutil.which(name)
    if program is None:
        skip_or_fail(f"needs {name}: apt-get install {TOOLS[name]}")
    return program


def run_tool(program: str, *arguments: object) -> bytes:
    argv = [require_tool(program), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, check=True, timeout=120).stdout  # noqa: S603  # ours
