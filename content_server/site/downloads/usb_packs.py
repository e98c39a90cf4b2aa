"""Memory sticks over the web: lessons of chosen languages as one zip, made as a job and kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session, col, select

from content_server.errors import LessonNotFound, PackRefused
from content_server.jobs.context import Context
from content_server.jobs.queue import Job, enqueue
from content_server.jobs.tables import JobState
from content_server.lessons.editions.catalog import load_registries, published_numbers
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.phrases import _
from content_server.site.downloads.pack_builder import plain_words, work_folder
from content_server.site.downloads.usb_folder import files_of, gather
from content_server.site.packs.tables import StickRow
from content_server.site.packs.zips import write_zip
from content_server.site.pages.contexts import PacksPage
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.rendition_index import WEAK_KBPS, weight

STICK = "stick"
PRIORITY = 210  # after packs of one lesson: they take seconds, a stick longer
KEPT_AT_MOST = 8  # choices of languages; the oldest gives way
COURSE_PAGE, ADDRESS = "/-/goi", "/-/goi/usb.zip"


@dataclass(frozen=True)
class StickOffer:
    """A choice of languages: the zip there is, whether it is of today, and its last job."""

    languages: tuple[str, ...]
    row: StickRow | None
    is_fresh: bool
    job: Job | None

    @property
    def is_being_made(self) -> bool:
        return self.job is not None and self.job.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def has_failed(self) -> bool:
        return self.job is not None and self.job.state is JobState.FAILED and not self.is_fresh


@dataclass(frozen=True)
class StickView:
    """A stick as a person reads it."""

    anchor: str
    names: str  # "Tiếng Việt, Lul Hmôngz"
    path: str
    size: str  # "16,3 MB · khoảng 6 phút với mạng yếu"; empty while there is none
    state: str
    failed: bool
    digest: str


@dataclass(frozen=True)
class CoursePage(PacksPage):
    """What can be taken away of the whole course."""

    template: ClassVar[str] = "course.html"

    choices: tuple[tuple[str, str, str], ...]  # folder, tag, endonym
    sticks: tuple[StickView, ...]
    stick: str  # where the choice is sent to
    course: tuple[str, str]  # address of the signed pack and its size; "" when none is offered


@dataclass(frozen=True)
class Sticks:
    """Makes sticks, and says which there are."""

    press: SiteBuilder

    def make(self, context: Context) -> None:
        """Task: make the zip of one choice of languages and put it in the place of the old one."""
        languages = str(context.payload["languages"])
        with self.press.database.read() as session:
            generation = self.press.tree.generation(session)
            row = session.get(StickRow, languages)
            stick = gather(self.press, session, folders=languages.split(","))
        store = self.press.store
        if row and row.generation == generation and store.has(row.digest):
            return
        with work_folder(self.press.settings, context.job_id) as place, plain_words():
            path = place / "usb.zip"
            files = files_of(stick, store.read_bytes, lambda share: context.report(share * 100))
            write_zip(path, _until_cancelled(files, context))
            size_bytes = path.stat().st_size
            new = StickRow(
                languages=languages,
                digest=store.put_file(path),
                size_bytes=size_bytes,
                generation=generation,
            )
        context.save(lambda session: self.keep(session, new))

    def keep(self, session: Session, row: StickRow) -> None:
        """Offer the stick from now on. Raises PackRefused when lessons changed meanwhile."""
        if self.press.tree.generation(session) != row.generation:
            raise PackRefused(_("Bài vừa đổi trong lúc làm gói. Hãy xin gói lại."))
        session.merge(row)
        session.flush()
        rows = session.exec(select(StickRow).order_by(col(StickRow.generation).desc())).all()
        for old in [each for each in rows if each.languages != row.languages][KEPT_AT_MOST - 1 :]:
            session.delete(old)

    def chosen(self, session: Session, asked: Iterable[str]) -> tuple[str, ...]:
        """Return the languages asked for in one order; none asked for: all that are told.

        Raises LessonNotFound for a language nothing is published in.
        """
        told = self.told(session)
        unknown = [name for name in asked if name not in told]
        if unknown or not told:
            raise LessonNotFound(
                _("Không có bài nào đã đăng bằng tiếng {names}.", names=", ".join(unknown)[:60])
            )
        return tuple(name for name in told if name in set(asked)) or told

    @staticmethod
    def told(session: Session) -> tuple[str, ...]:
        folders = {f for numbers in published_numbers(session).values() for f in numbers}
        return tuple(sorted(folders, key=lambda folder: (folder != SOURCE_FOLDER, folder)))

    def offer(self, session: Session, languages: tuple[str, ...]) -> StickOffer:
        """Return what there is of a choice of languages."""
        name = ",".join(languages)
        row = session.get(StickRow, name)
        jobs = select(Job).where(Job.key == f"{STICK}:{name}").order_by(col(Job.id).desc())
        fresh = bool(row and row.generation == self.press.tree.generation(session))
        return StickOffer(languages, row, fresh, session.exec(jobs.limit(1)).first())

    def page(
        self, session: Session, asked: tuple[str, ...] = (), course: tuple[str, str] = ("", "")
    ) -> CoursePage:
        """Return the page of the whole course; `asked` languages are being made or were refused."""
        told = self.told(session)
        names = {str(f): each for f, each in load_registries(session).locales.items()}
        kept = [tuple(row.languages.split(",")) for row in session.exec(select(StickRow)).all()]
        wanted = dict.fromkeys([*([asked] if asked else []), *([told] if told else []), *kept])
        offers = [self.offer(session, each) for each in wanted if set(each) <= set(told)]
        made = [offer.languages for offer in offers if offer.is_being_made]
        return CoursePage(
            tag="vi",
            address=self.press.settings.base_url + COURSE_PAGE,
            title=_("Mang cả khóa về").said_in("vi"),
            languages=(),
            home="/",
            list=COURSE_PAGE,
            waits_for=_names(asked, names) if asked in made else "",
            again_s=3 if made else 0,
            choices=tuple((f, names[f].tag, names[f].endonym) for f in told),
            sticks=tuple(_view(offer, _names(offer.languages, names)) for offer in offers),
            stick=ADDRESS,
            course=course,
        )


def ask_for_stick(session: Session, languages: Sequence[str]) -> Job:
    """Enqueue the making of a stick; the one that waits or is being made is returned."""
    name = ",".join(languages)
    payload = {"languages": name}
    return enqueue(
        session, STICK, payload, key=f"{STICK}:{name}", priority=PRIORITY, label=f"USB {name}"
    )


def _until_cancelled(
    files: Iterator[tuple[str, bytes]], context: Context
) -> Iterator[tuple[str, bytes]]:
    """Yield files while the job is wanted; of a cancelled one nothing is kept."""
    for each in files:
        if context.is_cancelled():
            return
        yield each


def _names(languages: Iterable[str], locales: Mapping[str, Locale]) -> str:
    return ", ".join(locales[folder].endonym for folder in languages)


def _view(offer: StickOffer, names: str) -> StickView:
    again = "&lai=1" if offer.has_failed else ""
    query = "&".join(f"tieng={folder}" for folder in offer.languages)
    return StickView(
        anchor="-".join(offer.languages),
        names=names,
        path=f"{ADDRESS}?{query}{again}",
        size=_size(offer.row.size_bytes) if offer.row else "",
        state=_state(offer),
        failed=offer.has_failed,
        digest=offer.row.digest if offer.row else "",
    )


def _size(size_bytes: int) -> str:
    minutes = max(1, round(size_bytes * 8 / 1000 / WEAK_KBPS / 60))
    words = _(
        "{weight} · khoảng {minutes} phút với mạng yếu", weight=weight(size_bytes), minutes=minutes
    )
    return words.said_in("vi")


def _state(offer: StickOffer) -> str:
    if offer.is_being_made and offer.job:
        return _("Đang làm: {percent} %.", percent=f"{offer.job.percent:.0f}").said_in("vi")
    if offer.has_failed and offer.job and offer.job.error_phrase:
        return offer.job.error_phrase.said_in("vi")
    if offer.row and not offer.is_fresh:
        return _("Bài đã đổi: gói này còn theo bản cũ.").said_in("vi")
    return ""
