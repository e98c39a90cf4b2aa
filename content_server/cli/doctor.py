"""The doctor: checks the machine and the data; says what is wrong and what to do."""

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
from content_server.jobs.queue import JobState, count_by_state
from content_server.lessons.editions.catalog import published_revision_numbers
from content_server.lessons.registries.registries import read_registries
from content_server.media.ffmpeg import runner
from content_server.services import Services, open_services
from content_server.settings import Settings, renamed_variables
from content_server.web.assets import missing_libraries

FREE_BYTES = 500_000_000  # below this a clip may not finish


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    fine: bool
    words: str


def run_checks(settings: Settings, console: Console) -> None:
    """Print every result; exit with 1 when a check fails."""
    checks = list(_check_all(settings))
    for check in checks:
        mark = "[green]✓[/]" if check.fine else "[bold red]✗[/]"
        console.print(f"{mark} {check.words}")
    if not all(check.fine for check in checks):
        raise SystemExit(1)


def _check_all(settings: Settings) -> Iterator[CheckResult]:
    yield CheckResult(
        fine=sys.version_info >= (3, 11),
        words=f"content-server {__version__} · Python {platform.python_version()}"
        f" · Pillow {PIL.__version__}",
    )
    for old, new in renamed_variables():
        words = f"{old} nay tên là {new}; tên cũ chỉ còn dùng được ở bản này."
        yield CheckResult(fine=True, words=words)
    yield _ffmpeg()
    yield _network()
    yield _disk(settings.data_dir)
    yield _files(settings.data_dir)
    yield _registries(settings)
    yield _libraries()
    try:
        services = open_services(settings)
    except AppError as error:
        yield CheckResult(fine=False, words=error.translate("vi"))
        return
    yield from _data(services)


def _ffmpeg() -> CheckResult:
    try:
        version = imageio_ffmpeg.get_ffmpeg_version()
    except RuntimeError:
        return CheckResult(fine=False, words="Thiếu ffmpeg: chạy lại ./scripts/serve để cài.")
    return CheckResult(fine=True, words=f"ffmpeg {version}")


def _network() -> CheckResult:
    """Report whether media tools run without network.

    Either answer passes: where the kernel cannot isolate them, ffmpeg's protocol whitelist still
    limits them to files.
    """
    with tempfile.TemporaryDirectory() as folder:
        shut = runner.has_isolated_network(Path(folder))
    words = "Xử lý hình và tiếng không có mạng" if shut else "Xử lý hình và tiếng chỉ được đọc tệp"
    return CheckResult(fine=True, words=words)


def _disk(data_dir: Path) -> CheckResult:
    existing = next(each for each in (data_dir, *data_dir.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES:
        words = f"Ổ đĩa chỉ còn {free // 1_000_000} MB: xoá bớt, cần ít nhất 500 MB."
        return CheckResult(fine=False, words=words)
    return CheckResult(fine=True, words=f"Ổ đĩa còn {free / 1e9:.0f} GB")


def _files(data_dir: Path) -> CheckResult:
    if data_dir.exists() and not os.access(data_dir, os.W_OK):
        return CheckResult(fine=False, words=f"Không ghi được vào {data_dir}: sửa quyền thư mục.")
    return CheckResult(fine=True, words=f"Thư mục dữ liệu {data_dir}")


def _registries(settings: Settings) -> CheckResult:
    try:
        registries = read_registries(settings.lessons_dir)
    except AppError as error:
        return CheckResult(fine=False, words=error.translate("vi"))
    words = f"{len(registries.locales)} thứ tiếng, {len(registries.contacts)} số gọi"
    return CheckResult(fine=True, words=words)


def _libraries() -> CheckResult:
    if missing := ", ".join(missing_libraries()):
        remedy = "chạy scripts/browser-libraries khi có mạng."
        return CheckResult(fine=False, words=f"Phòng soạn bài thiếu thư viện {missing}: {remedy}")
    return CheckResult(fine=True, words="Thư viện của phòng soạn bài")


def _data(services: Services) -> Iterator[CheckResult]:
    with services.database.read() as session:
        lessons, jobs = published_revision_numbers(session), count_by_state(session)
    yield CheckResult(fine=True, words=f"{len(lessons)} bài đang hiện")
    failed = jobs.get(JobState.FAILED, 0)
    words = f"{failed} việc hỏng" if failed else "Không có việc nào hỏng"
    yield CheckResult(fine=not failed, words=words)
