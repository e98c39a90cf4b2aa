"""The starter lessons with their media shrunk, made once and kept beside the checkout.

Shrinking some two hundred recordings takes minutes; what it makes depends only on the sources and
on the code below, so tests that come later, or beside these in another process, take a copy.
Pages are pressed anew each time: they are what the tests look at.
"""

import fcntl
import hashlib
import shutil
from pathlib import Path

from sqlmodel import col, delete

from content_server.house import House, open_house
from content_server.lessons.tables import RegisterRow
from content_server.settings import PROJECT_DIR, Settings

CACHE = PROJECT_DIR / ".cache"
DEPENDS_ON = (
    *("lessons", "media", "requirements/run.txt", "content_server/db.py"),
    *(f"content_server/{room}" for room in ("lessons", "media", "jobs", "migrations")),
)


def open_starter_house(data_dir: Path) -> House:
    """Return a house in `data_dir` with all starter lessons published by today's code."""
    shutil.copytree(_made_once(), data_dir)
    house = open_house(Settings(data_dir=data_dir))
    with house.database.write() as session:  # so that every page is pressed again
        session.exec(delete(RegisterRow).where(col(RegisterRow.name) == "pressed"))
    _walk(house)
    return house


def _walk(house: House) -> None:
    report = house.road.ingest()
    assert not report.rejected
    assert not house.worker.run_until_idle().failed


def _made_once() -> Path:
    """Return a data folder with everything shrunk; whoever comes first makes it."""
    CACHE.mkdir(exist_ok=True)
    made = CACHE / f"starter-{_key()}"
    with (CACHE / "starter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            for old in CACHE.glob("starter-*"):
                shutil.rmtree(old)
            unfinished = CACHE / "starter-unfinished"
            house = open_house(Settings(data_dir=unfinished))
            _walk(house)
            house.database.close()
            unfinished.rename(made)
    return made


def _key() -> str:
    """Return a digest of all that decides what is made."""
    digest = hashlib.sha256()
    for name in DEPENDS_ON:
        path = PROJECT_DIR / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(PROJECT_DIR)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
