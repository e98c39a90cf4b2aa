"""The published starter lessons, built once and cached in the checkout.

To transcode some two hundred recordings takes minutes, to build the pages half a minute. The result
depends only on the files named below, so later runs and other processes copy it. A change of the
site's code builds the pages anew and transcodes nothing.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import col, delete

from content_server.lessons.editions.tables import RegistryRow
from content_server.pipeline.publish import BUILT_WITH
from content_server.services import Services, open_services
from content_server.settings import PROJECT_DIR, Settings

CACHE = PROJECT_DIR / ".cache"
TRANSCODE_INPUTS = (
    *("lessons", "media", "requirements/run.txt", "content_server/db.py"),
    *(f"content_server/{package}" for package in ("lessons", "media", "jobs", "migrations")),
)
BUILD_INPUTS = ("lessons", "media", "requirements/run.txt", "content_server")


def open_starter_services(data_dir: Path) -> Services:
    """Return services in `data_dir` with all starter lessons published by today's code."""
    with _hold_lock():
        shutil.copytree(_find_or_build(), data_dir)
    return open_services(Settings(data_dir=data_dir))


def _find_or_build() -> Path:
    """Return a data folder with every page as today's code makes it; the first caller builds it."""
    built = CACHE / f"built-{_key(BUILD_INPUTS)}"
    if not built.is_dir():
        shutil.rmtree(CACHE / "unfinished", ignore_errors=True)  # of a run that was killed
        transcoded = CACHE / f"transcoded-{_key(TRANSCODE_INPUTS)}"
        if not transcoded.is_dir():
            _replace(transcoded, _publish)
            _replace(built, lambda folder: shutil.copytree(transcoded, folder, dirs_exist_ok=True))
        else:
            shutil.copytree(transcoded, CACHE / "unfinished", dirs_exist_ok=True)
            _replace(built, _rebuild_pages)
    return built


def _replace(folder: Path, make: Callable[[Path], object]) -> None:
    """Make a folder whole or not at all, and remove those of other code."""
    unfinished = CACHE / "unfinished"
    make(unfinished)
    for old in CACHE.glob(f"{folder.name.partition('-')[0]}-*"):
        shutil.rmtree(old)
    unfinished.rename(folder)


def _rebuild_pages(data_dir: Path) -> None:
    services = open_services(Settings(data_dir=data_dir))
    with services.database.write() as session:
        session.exec(delete(RegistryRow).where(col(RegistryRow.name) == BUILT_WITH))
    services.database.close()
    _publish(data_dir)


def _publish(data_dir: Path) -> None:
    services = open_services(Settings(data_dir=data_dir))
    report = services.pipeline.ingest()
    assert not report.rejected
    assert not services.worker.run_until_idle().failed
    services.database.close()


@contextmanager
def _hold_lock() -> Iterator[None]:
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
