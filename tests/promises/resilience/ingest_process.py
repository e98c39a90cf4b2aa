"""The ingest as a process that tests kill, and the check that nothing published is half."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from content_server.services import open_services
from content_server.settings import Settings


def start_ingest(settings: Settings, *, work: bool = False) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "content_server", "work" if work else "ingest"]
    folders = {"data": settings.data_dir}
    if not work:
        folders |= {"lessons": settings.lessons_dir, "media": settings.media_dir}
    for name, folder in folders.items():
        command += [f"--{name}", str(folder)]
    return subprocess.Popen(  # noqa: S603  # our own command
        command, stderr=subprocess.DEVNULL, start_new_session=True, env=dict(os.environ)
    )


def check_nothing_half(settings: Settings) -> None:
    """Every published address has all its bytes, and every page all the media it names."""
    services = open_services(settings)
    with services.database.read() as session:
        entries = {entry.path: entry for entry in services.tree.entries(session)}
    for entry in entries.values():
        for variant in entry.variants:
            body = services.store.read_bytes(variant.digest)
            assert sha256(body).hexdigest() == variant.digest
        if entry.path.startswith(("/vi/tra", "/hmn/tra")):
            page = services.store.read_bytes(entry.identity.digest).decode()
            named = {word for word in page.replace('"', " ").split() if word.startswith("/m/")}
            assert named <= set(entries), "a page names media that are not there"
    services.database.close()


def list_running_tools(work: Path) -> list[int]:
    """Return the processes of media tools that run in a job folder now."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            folder, name = (process / "cwd").readlink(), (process / "comm").read_text("utf-8")
        except OSError:
            continue
        if folder.is_relative_to(work) and name.startswith("ffmpeg"):
            found.append(int(process.name))
    return found
