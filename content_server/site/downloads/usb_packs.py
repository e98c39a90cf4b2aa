"""USB packs: the lessons of chosen languages as one zip, built as a job and stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session, col, select

from content_server import urls
from content_server.errors import LessonNotFound, PackUnavailable
from content_server.jobs.context import JobContext
from content_server.jobs.queue import Job, enqueue
from content_server.jobs.tables import JobState
from content_server.lessons.editions.catalog import published_revision_numbers
from content_server.lessons.editions.stored_registries import load_registries
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.phrases import _
from content_server.site.downloads.pack_builder import pack_job_folder, translate_disk_errors
from content_server.site.downloads.usb_folder import collect_usb_folder, iter_usb_files
from content_server.site.packs.tables import UsbPackRow
from content_server.site.packs.zips import write_reproducible_zip
from content_server.site.pages.contexts import DownloadListPage
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.rendition_index import WEAK_NETWORK_KBPS, format_size

BUILD_USB_PACK = "usb_pack"
PRIORITY = 210  # after packs of one lesson, which take seconds
MAX_STORED_PACKS = 8  # the oldest are deleted


@dataclass(frozen=True)
class UsbPackStatus:
    """The state of the USB pack of one choice of languages: the stored zip and the last job."""

    languages: tuple[str, ...]
    row: UsbPackRow | None
    is_current: bool
    job: Job | None

    @property
    def is_building(self) -> bool:
        return self.job is not None and self.job.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def has_failed(self) -> bool:
        return self.job is not None and self.job.state is JobState.FAILED and not self.is_current


@dataclass(frozen=True)
class UsbPackView:
    """The status of a USB pack as the page shows it."""

    anchor: str
    names: str  # "Tiếng Việt, Lul Hmôngz"
    path: str
    size: str  # "16,3 MB · khoảng 6 phút với mạng yếu"; "" without a file
    state: str
    failed: bool
    digest: str


@dataclass(frozen=True)
class CourseDownloadsPage(DownloadListPage):
    """The context of the downloads page of the whole course."""

    template: ClassVar[str] = "course_downloads.html"

    languages_offered: tuple[tuple[str, str, str], ...]  # folder, tag, endonym
    usb_packs: tuple[UsbPackView, ...]
    usb_pack_path: str  # address the form is sent to
    course_pack: tuple[
        str, str
    ]  # address of the signed pack and its size; ("", "") when there is none


@dataclass(frozen=True)
class UsbPacks:
    """Builds USB packs and reports their state."""

    site_builder: SiteBuilder

    def build(self, context: JobContext) -> None:
        """Job: build the zip of one choice of languages and save it in place of the old one."""
        languages = str(context.payload["languages"])
        with self.site_builder.database.read() as session:
            generation = self.site_builder.tree.generation(session)
            row = session.get(UsbPackRow, languages)
            usb_folder = collect_usb_folder(
                self.site_builder, session, folders=languages.split(",")
            )
        store = self.site_builder.store
        if row and row.generation == generation and store.has(row.digest):
            return
        with (
            pack_job_folder(self.site_builder.settings, context.job_id) as job_folder,
            translate_disk_errors(),
        ):
            path = job_folder / "usb.zip"
            files = iter_usb_files(
                usb_folder, store.read_bytes, lambda share: context.report(share * 100)
            )
            write_reproducible_zip(path, _until_cancelled(files, context))
            size_bytes = path.stat().st_size
            new_row = UsbPackRow(
                languages=languages,
                digest=store.put_file(path),
                size_bytes=size_bytes,
                generation=generation,
            )
        context.save(lambda session: self.save(session, new_row))

    def save(self, session: Session, row: UsbPackRow) -> None:
        """Save a finished USB pack. Raises PackUnavailable when lessons changed meanwhile."""
        if self.site_builder.tree.generation(session) != row.generation:
            raise PackUnavailable(_("Bài vừa đổi trong lúc làm gói. Hãy xin gói lại."))
        session.merge(row)
        session.flush()
        rows = session.exec(select(UsbPackRow).order_by(col(UsbPackRow.generation).desc())).all()
        others = [each for each in rows if each.languages != row.languages]
        for old in others[MAX_STORED_PACKS - 1 :]:
            session.delete(old)

    def resolve_languages(self, session: Session, requested: Iterable[str]) -> tuple[str, ...]:
        """Return the requested languages in their fixed order; all published ones when none is.

        Raises LessonNotFound for a language nothing is published in.
        """
        published = self.published_languages(session)
        unknown = [name for name in requested if name not in published]
        if unknown or not published:
            raise LessonNotFound(
                _("Không có bài nào đã đăng bằng tiếng {names}.", names=", ".join(unknown)[:60])
            )
        return tuple(name for name in published if name in set(requested)) or published

    @staticmethod
    def published_languages(session: Session) -> tuple[str, ...]:
        folders = {f for numbers in published_revision_numbers(session).values() for f in numbers}
        return tuple(sorted(folders, key=lambda folder: (folder != SOURCE_FOLDER, folder)))

    def load_status(self, session: Session, languages: tuple[str, ...]) -> UsbPackStatus:
        """Return the state of the USB pack of these languages."""
        name = ",".join(languages)
        row = session.get(UsbPackRow, name)
        jobs = select(Job).where(Job.key == f"{BUILD_USB_PACK}:{name}").order_by(col(Job.id).desc())
        is_current = bool(row and row.generation == self.site_builder.tree.generation(session))
        return UsbPackStatus(languages, row, is_current, session.exec(jobs.limit(1)).first())

    def build_page(
        self,
        session: Session,
        requested: tuple[str, ...] = (),
        course_pack: tuple[str, str] = ("", ""),
    ) -> CourseDownloadsPage:
        """Return the downloads page of the course; `requested` are the languages just asked for."""
        published = self.published_languages(session)
        names = {str(f): each for f, each in load_registries(session).locales.items()}
        stored = [tuple(row.languages.split(",")) for row in session.exec(select(UsbPackRow)).all()]
        choices = dict.fromkeys(
            [*([requested] if requested else []), *([published] if published else []), *stored]
        )
        statuses = [
            self.load_status(session, each) for each in choices if set(each) <= set(published)
        ]
        building = [status.languages for status in statuses if status.is_building]
        return CourseDownloadsPage(
            tag="vi",
            address=self.site_builder.settings.base_url + urls.COURSE_DOWNLOADS,
            title=_("Mang cả khóa về").translate("vi"),
            languages=(),
            home=urls.START_PAGE,
            list_path=urls.COURSE_DOWNLOADS,
            awaited_pack=_join_endonyms(requested, names) if requested in building else "",
            refresh_s=3 if building else 0,
            languages_offered=tuple((f, names[f].tag, names[f].endonym) for f in published),
            usb_packs=tuple(
                _status_view(status, _join_endonyms(status.languages, names)) for status in statuses
            ),
            usb_pack_path=urls.USB_PACK,
            course_pack=course_pack,
        )


def request_usb_pack(session: Session, languages: Sequence[str]) -> Job:
    """Enqueue the build of a USB pack; a job for it that waits or runs already is returned."""
    name = ",".join(languages)
    payload = {"languages": name}
    return enqueue(
        session,
        BUILD_USB_PACK,
        payload,
        key=f"{BUILD_USB_PACK}:{name}",
        priority=PRIORITY,
        label=f"USB {name}",
    )


def _until_cancelled(
    files: Iterator[tuple[str, bytes]], context: JobContext
) -> Iterator[tuple[str, bytes]]:
    """Yield files until the job is cancelled; the file of a cancelled job is not saved."""
    for each in files:
        if context.is_cancelled():
            return
        yield each


def _join_endonyms(languages: Iterable[str], locales: Mapping[str, Locale]) -> str:
    return ", ".join(locales[folder].endonym for folder in languages)


def _status_view(status: UsbPackStatus, names: str) -> UsbPackView:
    again = "&lai=1" if status.has_failed else ""
    query = "&".join(f"tieng={folder}" for folder in status.languages)
    return UsbPackView(
        anchor="-".join(status.languages),
        names=names,
        path=f"{urls.USB_PACK}?{query}{again}",
        size=_size_text(status.row.size_bytes) if status.row else "",
        state=_state_text(status),
        failed=status.has_failed,
        digest=status.row.digest if status.row else "",
    )


def _size_text(size_bytes: int) -> str:
    minutes = max(1, round(size_bytes * 8 / 1000 / WEAK_NETWORK_KBPS / 60))
    words = _(
        "{weight} · khoảng {minutes} phút với mạng yếu",
        weight=format_size(size_bytes),
        minutes=minutes,
    )
    return words.translate("vi")


def _state_text(status: UsbPackStatus) -> str:
    if status.is_building and status.job:
        return _("Đang làm: {percent} %.", percent=f"{status.job.percent:.0f}").translate("vi")
    if status.has_failed and status.job and status.job.error_phrase:
        return status.job.error_phrase.translate("vi")
    if status.row and not status.is_current:
        return _("Bài đã đổi: gói này còn theo bản cũ.").translate("vi")
    return ""
