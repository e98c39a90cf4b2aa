"""The doctor: looks at the machine and the data, and says in words what is wrong and what to do."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import PIL
from rich.console import Console

from content_server import __version__
from content_server.errors import AppError
from content_server.jobs.queue import JobState, counts
from content_server.lessons.editions.catalog import published_numbers
from content_server.lessons.registries.registries import read_registries
from content_server.media.ffmpeg import runner
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.web.assets import missing_libraries

FREE_BYTES = 500_000_000  # below this a clip may not finish


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at."""

    fine: bool
    words: str


def examine(settings: Settings, console: Console) -> None:
    """Print every finding; exit with 1 when something is wrong."""
    findings = list(_findings(settings))
    for finding in findings:
        mark = "[green]✓[/]" if finding.fine else "[bold red]✗[/]"
        console.print(f"{mark} {finding.words}")
    if not all(finding.fine for finding in findings):
        raise SystemExit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(
        fine=sys.version_info >= (3, 11),
        words=f"content-server {__version__} · Python {platform.python_version()}"
        f" · Pillow {PIL.__version__}",
    )
    yield _ffmpeg()
    yield _network()
    yield _disk(settings.data_dir)
    yield _files(settings.data_dir)
    yield _library(settings)
    yield _libraries()
    try:
        house = open_services(settings)
    except AppError as refused:
        yield Finding(fine=False, words=refused.said_in("vi"))
        return
    yield from _data(house)


def _ffmpeg() -> Finding:
    try:
        version = imageio_ffmpeg.get_ffmpeg_version()
    except RuntimeError:
        return Finding(fine=False, words="Thiếu ffmpeg: chạy lại ./scripts/serve để cài.")
    return Finding(fine=True, words=f"ffmpeg {version}")


def _network() -> Finding:
    """Both are fine: without its own network a tool still is told to read files only."""
    with tempfile.TemporaryDirectory() as folder:
        shut = runner.has_own_network(Path(folder))
    words = "Xử lý hình và tiếng không có mạng" if shut else "Xử lý hình và tiếng chỉ được đọc tệp"
    return Finding(fine=True, words=words)


def _disk(data_dir: Path) -> Finding:
    existing = next(each for each in (data_dir, *data_dir.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES:
        words = f"Ổ đĩa chỉ còn {free // 1_000_000} MB: xoá bớt, cần ít nhất 500 MB."
        return Finding(fine=False, words=words)
    return Finding(fine=True, words=f"Ổ đĩa còn {free / 1e9:.0f} GB")


def _files(data_dir: Path) -> Finding:
    if data_dir.exists() and not os.access(data_dir, os.W_OK):
        return Finding(fine=False, words=f"Không ghi được vào {data_dir}: sửa quyền thư mục.")
    return Finding(fine=True, words=f"Thư mục dữ liệu {data_dir}")


def _library(settings: Settings) -> Finding:
    try:
        library = read_registries(settings.lessons_dir)
    except AppError as refused:
        return Finding(fine=False, words=refused.said_in("vi"))
    words = f"{len(library.locales)} thứ tiếng, {len(library.contacts)} số gọi"
    return Finding(fine=True, words=words)


def _libraries() -> Finding:
    if missing := ", ".join(missing_libraries()):
        remedy = "chạy scripts/browser-libraries khi có mạng."
        return Finding(fine=False, words=f"Phòng soạn bài thiếu thư viện {missing}: {remedy}")
    return Finding(fine=True, words="Thư viện của phòng soạn bài")


def _data(house: Services) -> Iterator[Finding]:
    with house.database.read() as session:
        lessons, jobs = published_numbers(session), counts(session)
    yield Finding(fine=True, words=f"{len(lessons)} bài đang hiện")
    failed = jobs.get(JobState.FAILED, 0)
    words = f"{failed} việc hỏng" if failed else "Không có việc nào hỏng"
    yield Finding(fine=not failed, words=words)
