"""The page of what can be taken away of a lesson: each pack with size, state and digest."""

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session, col, select

from content_server.jobs.tables import Job, JobState, phrase_from_json
from content_server.phrases import _
from content_server.settings import NO_ADDRESS
from content_server.site.downloads.pack_builder import job_key
from content_server.site.packs.pack_kinds import ABOUT, PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.tables import PackRow
from content_server.site.pages.contexts import PacksPage
from content_server.site.pages.panels import path_of, takeaway_path
from content_server.site.tree.rendition_index import weight

ORDER = (  # what most people come for, first
    PackKind.ONE_FILE,
    PackKind.MOVIE,
    PackKind.SOUND,
    PackKind.HANDOUT,
    PackKind.CARDS,
    PackKind.POSTER,
    PackKind.SLIDES,
    PackKind.NOTES,
    PackKind.ANSWERS,
    PackKind.STILLS,
    PackKind.BOOK,
)


@dataclass(frozen=True)
class PackOffer:
    """One kind of pack of one lesson: the file there is, and the work on a newer one."""

    kind: PackKind
    row: PackRow | None
    is_fresh: bool
    job: Job | None  # the last that made, makes or will make it

    @property
    def is_being_made(self) -> bool:
        return self.job is not None and self.job.state in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True)
class OfferView:
    """An offer as a person reads it."""

    anchor: str
    path: str
    name: str
    use: str
    size: str  # "0,9 MB · 1 phút 18 giây"; empty while there is no file
    state: str  # "đang làm: 40 %"; empty when there is nothing to say
    failed: bool
    notes: tuple[str, ...]
    digest: str  # sha256, hex


@dataclass(frozen=True)
class TakeawayPage(PacksPage):
    """What can be taken away of one lesson in one language."""

    template: ClassVar[str] = "takeaway.html"

    lesson: str  # address of the lesson
    warning: str  # that paper has no code, while this server's address leads nobody here
    offers: tuple[OfferView, ...]


def offer_of(session: Session, taught: PackLesson, kind: PackKind) -> PackOffer:
    """Return the file there is of a kind, whether it is of today, and its last job."""
    slug, folder = taught.telling.slug, taught.telling.locale.folder
    row = session.get(PackRow, (slug, folder, kind))
    query = select(Job).where(Job.key == job_key(slug, folder, kind))
    job = session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()
    return PackOffer(kind, row, bool(row and row.stamp == taught.stamp), job)


def takeaway_page(
    session: Session, taught: PackLesson, waits_for: PackKind | None = None
) -> TakeawayPage:
    """Return the context of the page; `waits_for` is a pack being made that was asked for."""
    offers = [offer_of(session, taught, kind) for kind in ORDER]
    slug, folder = taught.telling.slug, taught.telling.locale.folder
    being_made = any(offer.is_being_made for offer in offers)
    return TakeawayPage(
        tag=taught.telling.locale.tag,
        address=taught.site.address(takeaway_path(folder, slug)),
        title=taught.telling.title.text,
        languages=(),
        home=path_of(folder),
        lesson=path_of(folder, slug),
        list=takeaway_path(folder, slug),
        waits_for=taught.said(ABOUT[waits_for].name) if waits_for else "",
        again_s=3 if waits_for else 10 if being_made else 0,
        warning="" if taught.given_address else taught.said(NO_ADDRESS),
        offers=tuple(_view(taught, offer) for offer in offers),
    )


def _view(taught: PackLesson, offer: PackOffer) -> OfferView:
    about = ABOUT[offer.kind]
    row = offer.row
    return OfferView(
        anchor=offer.kind,
        path=takeaway_path(taught.telling.locale.folder, taught.telling.slug, offer.kind),
        name=taught.said(about.name),
        use=taught.said(about.use),
        size=_size(taught, row) if row else "",
        state=_state(taught, offer),
        failed=_has_failed(offer),
        notes=tuple(taught.said(phrase_from_json(note)) for note in row.notes) if row else (),
        digest=row.digest if row else "",
    )


def _size(taught: PackLesson, row: PackRow) -> str:
    size = f"{weight(row.size_bytes)} · {row.kind.file_name.rpartition('.')[2].upper()}"
    if not row.duration_ms:
        return size
    minutes, seconds = divmod(round(row.duration_ms / 1000), 60)
    length = taught.said(_("{minutes} phút {seconds} giây", minutes=minutes, seconds=seconds))
    return f"{size} · {length}"


def _state(taught: PackLesson, offer: PackOffer) -> str:
    """Say what is being done, or why it was not; nothing about a file that is right."""
    if offer.is_being_made and offer.job:
        done = f"{offer.job.percent:.0f}"
        return taught.said(_("Đang làm: {percent} %.", percent=done))
    if _has_failed(offer) and offer.job and offer.job.error_phrase:
        return taught.said(offer.job.error_phrase)
    if offer.row and not offer.is_fresh:
        return taught.said(_("Bài đã đổi: gói này còn theo bản cũ."))
    return ""


def _has_failed(offer: PackOffer) -> bool:
    failed = offer.job is not None and offer.job.state is JobState.FAILED
    return failed and not offer.is_fresh
