"""The tree: every published path. A change replaces rows in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server import urls
from content_server.db import Database, utc_now
from content_server.errors import PathTaken
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.tree.csp import InlineBlocks
from content_server.site.tree.published import (
    BuiltPage,
    CachePolicy,
    EncodedVariant,
    TreeEntry,
    encode_body,
    find_page_inline_blocks,
)
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tables import PATH_LENGTH, SINGLE_ROW_ID, GenerationRow, PublishedRow

__all__ = [
    "BuiltPage",
    "CachePolicy",
    "EncodedVariant",
    "LiveTree",
    "PreparedEntries",
    "Tree",
    "TreeEntry",
]

MEDIA_OWNER = "media"  # owner of everything under /m/


@dataclass(frozen=True)
class PreparedEntries:
    """Entries whose bytes are durably in the store and whose rows are not written yet."""

    entries: tuple[TreeEntry, ...]


@dataclass(frozen=True)
class Tree:
    """All published entries.

    Bytes come first, rows second: `prepare` stores bytes and publishes nothing; `replace` writes
    the rows in the caller's transaction and publishes them at once. A crash between the two leaves
    what was published before.

    Media (under /m/, with their digest in the path) belong to no page: cached pages may still
    refer to them, so they stay when a page is replaced, until `take_down`.
    """

    store: Store

    def prepare(self, pages: Iterable[BuiltPage]) -> PreparedEntries:
        """Compress each page and store its bytes; durable when this returns.

        Raises ValueError for an invalid path, StoreUnavailable when the disk is full.
        """
        return PreparedEntries(tuple(entry for page in pages for entry in self._entries(page)))

    def prepare_media(self, media: Iterable[RenditionView]) -> PreparedEntries:
        """Return entries of renditions, whose bytes are in the store already."""
        entries = {
            rendition.path: TreeEntry(
                path=rendition.path,
                status=200,
                # Codecs are only needed where a page lists sources to choose from.
                content_type=rendition.content_type.partition(";")[0],
                cache=CachePolicy.FOREVER,
                variants=(EncodedVariant("identity", rendition.digest, rendition.size_bytes),),
            )
            for rendition in media
        }
        return PreparedEntries(tuple(entries.values()))

    def replace(self, session: Session, owner: str, prepared: PreparedEntries) -> None:
        """Replace the pages of `owner` by these; rows that do not change are not written.

        Media among them are added. Raises PathTaken when a path belongs to another owner.
        """
        entries = {e.path: e for e in prepared.entries if e.cache is not CachePolicy.FOREVER}
        old = _rows(session, PublishedRow.owner == owner)
        for path, row in old.items():
            if path not in entries:
                session.delete(row)
        changed = _write(session, owner, entries, old) or bool(old.keys() - entries.keys())
        _increment_generation(session, changed=changed)
        media = tuple(e for e in prepared.entries if e.cache is CachePolicy.FOREVER)
        self.add_media(session, PreparedEntries(media))

    def add_media(self, session: Session, prepared: PreparedEntries) -> None:
        """Publish these renditions; those that are published already do not change."""
        entries = {entry.path: entry for entry in prepared.entries}
        changed = _write(session, MEDIA_OWNER, entries, {})
        _increment_generation(session, changed=changed)

    def withdraw(self, session: Session, owner: str, notice: PreparedEntries | None = None) -> None:
        """Remove all pages of `owner`; `notice` (status 410) takes their addresses."""
        self.replace(session, owner, notice or PreparedEntries(()))

    def take_down(self, session: Session, paths: Sequence[str]) -> None:
        """Stop serving these paths, media included. Phones and CDNs may still have copies."""
        rows = _rows(session, col(PublishedRow.path).in_(paths))
        for row in rows.values():
            session.delete(row)
        _increment_generation(session, changed=bool(rows))

    def generation(self, session: Session) -> int:
        """Return the number that grows with every change of what is published."""
        row = session.get(GenerationRow, SINGLE_ROW_ID, populate_existing=True)
        return row.number if row else 0

    def entries(self, session: Session) -> Iterator[TreeEntry]:
        """Yield everything published, by path."""
        for row in session.exec(select(PublishedRow).order_by(PublishedRow.path)):
            yield _entry_of(row)

    def _entries(self, page: BuiltPage) -> Iterator[TreeEntry]:
        """Yield the entry of a page, and one for each of its aliases."""
        for path in (page.path, *page.aliases):
            if not is_publishable_path(path, page.cache):
                raise ValueError(f"not a path to publish as {page.cache}: {path!r}")
        variants = tuple(
            EncodedVariant(encoding, self.store.put_bytes(body), len(body))
            for encoding, body in encode_body(page).items()
        )
        blocks = find_page_inline_blocks(page)
        for path in (page.path, *page.aliases):
            yield TreeEntry(path, page.status, page.content_type, page.cache, variants, blocks)


@dataclass(frozen=True)
class LiveTree:
    """The tree of one database, read one generation at a time. A PublishedSource of the front."""

    tree: Tree
    database: Database

    @property
    def store(self) -> Store:
        return self.tree.store

    def read_if_changed(self, known: int) -> tuple[int, tuple[TreeEntry, ...]] | None:
        """Return the generation and its entries; None when it is `known`. Raises DatabaseBusy."""
        with self.database.read() as session:
            generation = self.tree.generation(session)
            if generation == known:
                return None
            return generation, tuple(self.tree.entries(session))


def is_publishable_path(path: str, cache: CachePolicy) -> bool:
    """Tell whether a path is valid as a file name and a header, and fits its cache policy."""
    is_printable = (
        path.startswith("/") and path.isascii() and path.isprintable() and " " not in path
    )
    has_names = path == "/" or all(part.strip(".") for part in path[1:].split("/"))
    is_media = path.startswith(urls.MEDIA_PREFIX)
    fits_policy = is_media == (cache is CachePolicy.FOREVER)
    return is_printable and has_names and len(path) <= PATH_LENGTH and fits_policy


def _rows(session: Session, which: "sa.ColumnElement[bool] | bool") -> dict[str, PublishedRow]:
    return {row.path: row for row in session.exec(select(PublishedRow).where(which))}


def _write(
    session: Session,
    owner: str,
    entries: Mapping[str, TreeEntry],
    old: Mapping[str, PublishedRow],
) -> bool:
    """Write the entries that differ from what is published; return whether any did."""
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


def _row_of(entry: TreeEntry, owner: str) -> PublishedRow:
    return PublishedRow(
        path=entry.path,
        owner=owner,
        status=entry.status,
        content_type=entry.content_type,
        cache=entry.cache,
        variants=[(each.encoding, each.digest, each.size_bytes) for each in entry.variants],
        scripts=sorted(entry.inline_blocks.scripts),
        styles=sorted(entry.inline_blocks.styles),
        changed_at=utc_now(),
    )


def _entry_of(row: PublishedRow) -> TreeEntry:
    return TreeEntry(
        path=row.path,
        status=row.status,
        content_type=row.content_type,
        cache=row.cache,
        variants=tuple(EncodedVariant(*each) for each in row.variants),
        inline_blocks=InlineBlocks(frozenset(row.scripts), frozenset(row.styles)),
        changed_at=row.changed_at,
    )


def _increment_generation(session: Session, *, changed: bool) -> None:
    """Raise the generation by one in the caller's transaction, together with the rows."""
    if not changed:
        return
    increment = sa.update(GenerationRow).values(number=col(GenerationRow.number) + 1)
    if not session.exec(increment).rowcount:
        session.add(GenerationRow(number=1))
        session.flush()
