"""The tree: every published path, replaced in one transaction, so that reading only reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import Database, utc_now
from content_server.errors import PathTaken
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.tree.csp import Blocks
from content_server.site.tree.published import Cache, Entry, Page, Variant, inline_blocks, press
from content_server.site.tree.rendition_index import MEDIA_PREFIX, RenditionView
from content_server.site.tree.tables import PATH_LENGTH, THE_ONE, GenerationRow, PublishedRow

__all__ = ["Cache", "Entry", "LiveTree", "Page", "Prepared", "Tree", "Variant"]

HASHED = "media"  # owner of everything with its digest in its name


@dataclass(frozen=True)
class Prepared:
    """Entries whose bytes are safely in the store: one row each makes them visible."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Tree:
    """Everything published.

    Bytes first, rows second: `prepare` puts bytes into the store and shows nothing, `replace`
    writes rows in the caller's transaction and makes it all visible at once. A crash between the
    two leaves what was visible before.

    What has its digest in its name (under /m/) belongs to no one: pages on phones may still name
    it, so it stays when its page is replaced, until `take_down`.
    """

    store: Store

    def prepare(self, pages: Iterable[Page]) -> Prepared:
        """Press each page and keep its bytes; durable when this returns.

        Raises ValueError for a path that cannot be, StoreUnavailable when there is no room.
        """
        return Prepared(tuple(entry for page in pages for entry in self._entries(page)))

    def prepare_media(self, media: Iterable[RenditionView]) -> Prepared:
        """Return renditions, whose bytes the store has already, ready to be added."""
        entries = {
            rendered.path: Entry(
                path=rendered.path,
                status=200,
                # Codecs matter where a page offers a choice; by then the choice is made.
                content_type=rendered.content_type.partition(";")[0],
                cache=Cache.FOREVER,
                variants=(Variant("identity", rendered.digest, rendered.size_bytes),),
            )
            for rendered in media
        }
        return Prepared(tuple(entries.values()))

    def replace(self, session: Session, owner: str, prepared: Prepared) -> None:
        """Make the pages of `owner` exactly these; what has not changed keeps its row.

        Media among them are added. Raises PathTaken when a path belongs to another owner.
        """
        entries = {e.path: e for e in prepared.entries if e.cache is not Cache.FOREVER}
        old = _rows(session, PublishedRow.owner == owner)
        for path, row in old.items():
            if path not in entries:
                session.delete(row)
        changed = _write(session, owner, entries, old) or bool(old.keys() - entries.keys())
        _raise_generation(session, changed=changed)
        media = tuple(e for e in prepared.entries if e.cache is Cache.FOREVER)
        self.add_media(session, Prepared(media))

    def add_media(self, session: Session, prepared: Prepared) -> None:
        """Show these renditions; one that is shown already stays as it is."""
        entries = {entry.path: entry for entry in prepared.entries}
        changed = _write(session, HASHED, entries, {})
        _raise_generation(session, changed=changed)

    def withdraw(self, session: Session, owner: str, notice: Prepared | None = None) -> None:
        """Take all pages of `owner` away; `notice` (status 410) says so at their addresses."""
        self.replace(session, owner, notice or Prepared(()))

    def take_down(self, session: Session, paths: Sequence[str]) -> None:
        """Stop serving these paths, media too. Phones and CDNs may still hold a copy."""
        rows = _rows(session, col(PublishedRow.path).in_(paths))
        for row in rows.values():
            session.delete(row)
        _raise_generation(session, changed=bool(rows))

    def generation(self, session: Session) -> int:
        """Return a number that has grown whenever anything was published, replaced or withdrawn."""
        row = session.get(GenerationRow, THE_ONE, populate_existing=True)
        return row.number if row else 0

    def entries(self, session: Session) -> Iterator[Entry]:
        """Return everything published, by path."""
        for row in session.exec(select(PublishedRow).order_by(PublishedRow.path)):
            yield _entry_of(row)

    def _entries(self, page: Page) -> Iterator[Entry]:
        """Yield a page at its address, and again at each of its shorter ones."""
        for path in (page.path, *page.aliases):
            if not is_path(path, page.cache):
                raise ValueError(f"not a path to publish as {page.cache}: {path!r}")
        variants = tuple(
            Variant(encoding, self.store.put_bytes(body), len(body))
            for encoding, body in press(page).items()
        )
        blocks = inline_blocks(page)
        for path in (page.path, *page.aliases):
            yield Entry(path, page.status, page.content_type, page.cache, variants, blocks)


@dataclass(frozen=True)
class LiveTree:
    """The tree of one database, as the front looks at it: all of one generation, or nothing new."""

    tree: Tree
    database: Database

    @property
    def store(self) -> Store:
        return self.tree.store

    def look(self, known: int) -> tuple[int, tuple[Entry, ...]] | None:
        """Return the generation and its entries; None when it is `known`. Raises DatabaseBusy."""
        with self.database.read() as session:
            generation = self.tree.generation(session)
            if generation == known:
                return None
            return generation, tuple(self.tree.entries(session))


def is_path(path: str, cache: Cache) -> bool:
    """Tell whether a file name, a header and the cache rule can carry this path."""
    fine = path.startswith("/") and path.isascii() and path.isprintable() and " " not in path
    whole = path == "/" or all(part.strip(".") for part in path[1:].split("/"))
    hashed = path.startswith(MEDIA_PREFIX)
    kept = cache is Cache.FOREVER
    return fine and whole and len(path) <= PATH_LENGTH and hashed == kept


def _rows(session: Session, which: "sa.ColumnElement[bool] | bool") -> dict[str, PublishedRow]:
    return {row.path: row for row in session.exec(select(PublishedRow).where(which))}


def _write(
    session: Session,
    owner: str,
    entries: Mapping[str, Entry],
    old: Mapping[str, PublishedRow],
) -> bool:
    """Write what differs from what is published; return whether anything did."""
    missing = [path for path in entries if path not in old]
    rows = {**old, **_rows(session, col(PublishedRow.path).in_(missing))}
    changed = False
    for path, entry in entries.items():
        row = rows.get(path)
        if row is not None and row.owner != owner:
            raise PathTaken(
                _("Địa chỉ {path} đang là của trang khác. Hãy đặt tên khác cho bài.", path=path)
            )
        if row is None or _entry_of(row) != entry:
            session.merge(_row_of(entry, owner))
            changed = True
    return changed


def _row_of(entry: Entry, owner: str) -> PublishedRow:
    return PublishedRow(
        path=entry.path,
        owner=owner,
        status=entry.status,
        content_type=entry.content_type,
        cache=entry.cache,
        variants=[(each.encoding, each.digest, each.size_bytes) for each in entry.variants],
        scripts=sorted(entry.blocks.scripts),
        styles=sorted(entry.blocks.styles),
        changed_at=utc_now(),
    )


def _entry_of(row: PublishedRow) -> Entry:
    return Entry(
        path=row.path,
        status=row.status,
        content_type=row.content_type,
        cache=row.cache,
        variants=tuple(Variant(*each) for each in row.variants),
        blocks=Blocks(frozenset(row.scripts), frozenset(row.styles)),
        changed_at=row.changed_at,
    )


def _raise_generation(session: Session, *, changed: bool) -> None:
    """Count one up, in the caller's transaction: who sees the number sees the rows."""
    if not changed:
        return
    counted = sa.update(GenerationRow).values(number=col(GenerationRow.number) + 1)
    if not session.exec(counted).rowcount:
        session.add(GenerationRow(number=1))
        session.flush()
