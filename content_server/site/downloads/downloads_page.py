"""The downloads page of a lesson: each pack with its size, status and digest."""

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session, col, select

from content_server import urls
from content_server.jobs.tables import Job, JobState, phrase_from_json
from content_server.phrases import _
from content_server.settings import NO_ADDRESS
from content_server.site.downloads.pack_builder import pack_job_key
from content_server.site.packs.pack_kinds import PACK_KINDS, PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.tables import PackRow
from content_server.site.pages.contexts import DownloadListPage
from content_server.site.pages.panels import downloads_path, page_path
from content_server.site.tree.rendition_index import format_size


@dataclass(frozen=True)
class PackStatus:
    """The state of one kind of pack of one lesson: the stored file and the last job."""

    kind: PackKind
    row: PackRow | None
    is_current: bool
    job: Job | None  # the last one, of any state

    @property
    def is_building(self) -> bool:
        return self.job is not None and self.job.state in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True)
class PackStatusView:
    """The status of a pack as the page shows it."""

    anchor: str
    path: str
    name: str
    purpose: str
    size: str  # "0,9 MB · 1 phút 18 giây"; "" without a file
    state: str  # "Đang làm: 40 %."; "" for a current file
    failed: bool
    notes: tuple[str, ...]
    digest: str  # sha256, hex


@dataclass(frozen=True)
class DownloadsPage(DownloadListPage):
    """The context of the downloads page of one lesson in one language."""

    template: ClassVar[str] = "downloads.html"

    lesson_path: str  # address of the lesson
    notes_path: str  # address of its trainer notes
    warning: str  # that sheets have no QR code, while the server has no public address
    packs: tuple[PackStatusView, ...]


def load_pack_status(session: Session, pack_lesson: PackLesson, kind: PackKind) -> PackStatus:
    """Return the stored file of a kind, whether it is current, and its last job."""
    slug, folder = pack_lesson.lesson.slug, pack_lesson.lesson.locale.folder
    row = session.get(PackRow, (slug, folder, kind))
    query = select(Job).where(Job.key == pack_job_key(slug, folder, kind))
    job = session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()
    return PackStatus(kind, row, bool(row and row.fingerprint == pack_lesson.fingerprint), job)


def build_downloads_page(
    session: Session, pack_lesson: PackLesson, awaited: PackKind | None = None
) -> DownloadsPage:
    """Return the context of the page; `awaited` is a requested pack that is being built."""
    statuses = [load_pack_status(session, pack_lesson, kind) for kind in PACK_KINDS]
    slug, folder = pack_lesson.lesson.slug, pack_lesson.lesson.locale.folder
    is_building = any(status.is_building for status in statuses)
    return DownloadsPage(
        tag=pack_lesson.lesson.locale.tag,
        address=pack_lesson.site.address(downloads_path(folder, slug)),
        title=pack_lesson.lesson.title.text,
        languages=(),
        home=page_path(folder),
        lesson_path=page_path(folder, slug),
        notes_path=urls.NOTES.url(folder=folder, slug=slug),
        list_path=downloads_path(folder, slug),
        awaited_pack=pack_lesson.translate(PACK_KINDS[awaited].name) if awaited else "",
        refresh_s=3 if awaited else 10 if is_building else 0,
        warning="" if pack_lesson.public_address else pack_lesson.translate(NO_ADDRESS),
        packs=tuple(_status_view(pack_lesson, status) for status in statuses),
    )


def _status_view(pack_lesson: PackLesson, status: PackStatus) -> PackStatusView:
    info = PACK_KINDS[status.kind]
    row = status.row
    return PackStatusView(
        anchor=status.kind,
        path=downloads_path(pack_lesson.lesson.locale.folder, pack_lesson.lesson.slug, status.kind),
        name=pack_lesson.translate(info.name),
        purpose=pack_lesson.translate(info.purpose),
        size=_size_text(pack_lesson, row) if row else "",
        state=_state_text(pack_lesson, status),
        failed=_has_failed(status),
        notes=tuple(pack_lesson.translate(phrase_from_json(note)) for note in row.notes)
        if row
        else (),
        digest=row.digest if row else "",
    )


def _size_text(pack_lesson: PackLesson, row: PackRow) -> str:
    size = f"{format_size(row.size_bytes)} · {row.kind.file_name.rpartition('.')[2].upper()}"
    if not row.duration_ms:
        return size
    minutes, seconds = divmod(round(row.duration_ms / 1000), 60)
    length = pack_lesson.translate(
        _("{minutes} phút {seconds} giây", minutes=minutes, seconds=seconds)
    )
    return f"{size} · {length}"


def _state_text(pack_lesson: PackLesson, status: PackStatus) -> str:
    """Return the progress, the error or the age of a pack in words; "" for a current file."""
    if status.is_building and status.job:
        done = f"{status.job.percent:.0f}"
        return pack_lesson.translate(_("Đang làm: {percent} %.", percent=done))
    if _has_failed(status) and status.job and status.job.error_phrase:
        return pack_lesson.translate(status.job.error_phrase)
    if status.row and not status.is_current:
        return pack_lesson.translate(_("Bài đã đổi: gói này còn theo bản cũ."))
    return ""


def _has_failed(status: PackStatus) -> bool:
    failed = status.job is not None and status.job.state is JobState.FAILED
    return failed and not status.is_current
