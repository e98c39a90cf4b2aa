"""The starter lessons as a finished server has them, made once and kept beside the checkout.

Shrinking some two hundred recordings takes minutes, pressing the pages half of one. What is made
depends only on the files below, so tests that come later, or beside these in another process, take
a copy. A change in the site's own code presses pages anew and shrinks nothing.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import col, delete

from content_server.lessons.editions.tables import RegistryRow
from content_server.services import Services, open_services
from content_server.settings import PROJECT_DIR, Settings

CACHE = PROJECT_DIR / ".cache"
WHAT_IS_SHRUNK = (
    *("lessons", "media", "requirements/run.txt", "content_server/db.py"),
    *(f"content_server/{room}" for room in ("lessons", "media", "jobs", "migrations")),
)
WHAT_IS_PRESSED = ("lessons", "media", "requirements/run.txt", "content_server")


def open_starter_house(data_dir: Path) -> Services:
    """Return a house in `data_dir` with all starter lessons published by today's code."""
    with _alone():
        shutil.copytree(_pressed(), data_dir)
    return open_services(Settings(data_dir=data_dir))


def _pressed() -> Path:
    """Return a data folder with every page as today's code makes it; whoever comes first does."""
    made = CACHE / f"pressed-{_key(WHAT_IS_PRESSED)}"
    if not made.is_dir():
        shutil.rmtree(CACHE / "unfinished", ignore_errors=True)  # of a run that was killed
        shrunk = CACHE / f"shrunk-{_key(WHAT_IS_SHRUNK)}"
        if not shrunk.is_dir():
            _replace(shrunk, _publish)
            _replace(made, lambda folder: shutil.copytree(shrunk, folder, dirs_exist_ok=True))
        else:
            shutil.copytree(shrunk, CACHE / "unfinished", dirs_exist_ok=True)
            _replace(made, _press_again)
    return made


def _replace(made: Path, make: Callable[[Path], object]) -> None:
    """Make a folder whole or not at all; those made by other code go."""
    unfinished = CACHE / "unfinished"
    make(unfinished)
    for old in CACHE.glob(f"{made.name.partition('-')[0]}-*"):
        shutil.rmtree(old)
    unfinished.rename(made)


def _press_again(data_dir: Path) -> None:
    house = open_services(Settings(data_dir=data_dir))
    with house.database.write() as session:
        session.exec(delete(RegistryRow).where(col(RegistryRow.name) == "pressed"))
    house.database.close()
    _publish(data_dir)


def _publish(data_dir: Path) -> None:
    house = open_services(Settings(data_dir=data_dir))
    report = house.pipeline.ingest()
    assert not report.rejected
    assert not house.worker.run_until_idle().failed
    house.database.close()


@contextmanager
def _alone() -> Iterator[None]:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "starter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(depends_on: Iterable[str]) -> str:
    """Return a digest of all that decides what is made."""
    digest = hashlib.sha256()
    for name in depends_on:
        path = PROJECT_DIR / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(PROJECT_DIR)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
