"""Commands of the store: remove unreferenced files; find and repair damaged ones."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console
from sqlmodel import Session, select

from content_server.db import utc_now
from content_server.errors import DigestNotFound
from content_server.lessons.editions.tables import EditionRow, RevisionRow
from content_server.media.gc import collect_garbage, read_grace, referenced_digests
from content_server.media.tables import Rendition, Source
from content_server.phrases import Phrase, _
from content_server.pipeline.publish import remake_rendition
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.tree.tables import PublishedRow

ONE_DAY = timedelta(days=1)  # damaged files are removed whatever their age


@dataclass(frozen=True)
class Damage:
    """A lost or damaged file of the store: who uses it, and the remedy."""

    digest: str
    files: tuple[str, ...]  # names an editor knows, or published addresses
    lessons: tuple[str, ...]  # slug/folder
    remedy: Phrase

    def __str__(self) -> str:
        what = ", ".join(self.files) or self.digest[:12]
        lessons = ", ".join(self.lessons) or "—"
        return str(
            _(
                "Hỏng: {what}. Bài: {lessons}. {remedy}",
                what=what,
                lessons=lessons,
                remedy=self.remedy,
            )
        )


def sweep_store(settings: Settings, grace: str, console: Console, *, dry_run: bool) -> None:
    """Remove, or only count, unreferenced files; safe while a server runs."""
    wait = read_grace(grace)
    services = open_services(settings)
    swept = collect_garbage(services.database, services.store, wait, dry_run=dry_run)
    values = {"files": swept.files, "mb": f"{swept.freed_bytes / 1e6:.1f}"}
    message = (
        _("Sẽ bỏ {files} tệp không bài nào dùng, được {mb} MB. Chưa bỏ gì.", **values)
        if dry_run
        else _("Đã bỏ {files} tệp không bài nào dùng, được {mb} MB.", **values)
    )
    console.print(f"[green]✓[/] {message}")


def verify_store(settings: Settings, console: Console) -> None:
    """Read every file of the store and print each damage. Exits with 1 when there is any."""
    services = open_services(settings)
    damages = list(find_damages(services))
    for damage in damages:
        console.print(f"✗ {damage}", markup=False)
    if damages:
        raise SystemExit(1)
    console.print("[green]✓[/] " + str(_("Mọi tệp trong kho còn nguyên.")))


def repair_store(settings: Settings, console: Console) -> None:
    """Remove every damaged file from the store and remake what can be made from its source."""
    services = open_services(settings)
    damages = list(find_damages(services))
    with services.database.write() as session:
        for damage in damages:
            remake_rendition(session, damage.digest)
    for damage in damages:
        with suppress(DigestNotFound):  # lost already
            services.store.delete_unless_renewed(damage.digest, utc_now() + ONE_DAY)
        console.print(f"• {damage}", markup=False)
    message = _(
        "Đã lấy {count} tệp hỏng ra khỏi kho. Chạy content-server ingest để làm lại.",
        count=len(damages),
    )
    console.print(f"[green]✓[/] {message}")


def find_damages(services: Services) -> Iterator[Damage]:
    """Yield the damaged and lost files among the referenced ones."""
    with services.database.read() as session:
        named = referenced_digests(session)
        expected = _named_by_media(session)
        broken = [digest for digest in services.store.digests() if not _is_intact(services, digest)]
        lost = [digest for digest in expected if not services.store.has(digest)]
        for digest in (each for each in [*broken, *lost] if each in named):
            yield _describe_damage(session, digest)


def _is_intact(services: Services, digest: str) -> bool:
    try:
        return services.store.verify(digest)
    except DigestNotFound:  # removed in between
        return True


def _named_by_media(session: Session) -> set[str]:
    """Return the digests of sources, renditions and published bytes."""
    published = session.exec(select(PublishedRow.variants)).all()
    return {
        *session.exec(select(Source.digest)),
        *session.exec(select(Rendition.digest)),
        *(digest for variants in published for _encoding, digest, _size in variants),
    }


def _describe_damage(session: Session, digest: str) -> Damage:
    source = session.get(Source, digest)
    made = session.exec(select(Rendition).where(Rendition.digest == digest)).all()
    rows = session.exec(select(PublishedRow)).all()
    paths = [row.path for row in rows if any(digest == each[1] for each in row.variants)]
    sources = {digest, *(row.source_digest for row in made)}
    lessons = _lessons_with(session, sources)
    if source is not None:
        return Damage(digest, (source.name,), lessons, _REMEDY_SOURCE)
    names = [f"{_name_of(session, row)} ({row.rung})" for row in made]
    remedy = _REMEDY_MADE if made else _REMEDY_PAGE
    return Damage(digest, (*names, *paths), lessons, remedy)


_REMEDY_SOURCE = _("Chạy media repair, rồi đưa lại tệp gốc này.")
_REMEDY_MADE = _("Chạy media repair: máy làm lại bản này từ tệp gốc.")
_REMEDY_PAGE = _("Chạy media repair, rồi đăng lại bài.")


def _name_of(session: Session, row: Rendition) -> str:
    source = session.get(Source, row.source_digest)
    return source.name if source else row.source_digest[:12]


def _lessons_with(session: Session, digests: set[str]) -> tuple[str, ...]:
    rows = session.exec(select(RevisionRow, EditionRow).join(EditionRow)).all()
    return tuple(
        sorted(
            {
                f"{edition.slug}/{edition.folder}"
                for revision, edition in rows
                if digests & set(revision.media.values())
            }
        )
    )
