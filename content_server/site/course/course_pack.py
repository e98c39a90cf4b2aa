"""The course pack: everything published, in the languages chosen, as one signed file.

It contains what is published at one generation of the tree, never a draft. Two builds of one
generation give the same bytes: the sequence number is the generation, the date that of the newest
page.
"""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

from content_server import urls
from content_server.errors import CoursePackUnavailable, DigestNotFound, StoreUnavailable
from content_server.lessons.editions.catalog import published_revision_numbers
from content_server.lessons.editions.stored_registries import load_registries
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.course.atomic_write import describe_disk_error, rename_durably
from content_server.site.course.container import CoursePack, sign_manifest
from content_server.site.course.keys import SigningKey, load_signing_key
from content_server.site.course.manifest import (
    CourseManifest,
    build_manifest_pages,
)
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.published import COMPRESSIBLE_TYPES, CachePolicy, TreeEntry

MAX_TRIES = 3  # when something is published during the build
MEDIA_PATH = re.compile(urls.MEDIA_PREFIX.encode() + rb"[A-Za-z0-9._-]+")
TEXT_TYPES = (*COMPRESSIBLE_TYPES, "application/javascript")
UNFINISHED = ".unfinished"


class PublishedSnapshot(NamedTuple):
    """What is published at one generation of the tree."""

    generation: int
    numbers: Mapping[str, Mapping[str, int]]  # slug → folder → revision number
    entries: tuple[TreeEntry, ...]
    endonyms: Mapping[str, str]  # folder → the language's own name


@dataclass(frozen=True)
class WrittenCoursePack:
    """A course pack and the path it was written to."""

    path: Path
    pack: CoursePack


@dataclass(frozen=True)
class CoursePackBuilder:
    """Builds course packs of what is published."""

    site_builder: SiteBuilder

    def build(
        self, languages: Collection[str] | None = None, key: SigningKey | None = None
    ) -> CoursePack:
        """Return the signed pack of what is published; in all languages when none is named.

        Vietnamese is always included, as the fallback of all others. Raises InvalidSigningKey, and
        CoursePackUnavailable when nothing is published, a language has no lessons, or lessons
        change during each of MAX_TRIES builds.
        """
        key = key or load_signing_key(self.site_builder.settings.data_dir)
        for _try in range(MAX_TRIES):
            snapshot = self._load_snapshot()
            published = _published_folders(snapshot)
            folders = _resolve_folders(languages, published)
            entries = (
                snapshot.entries
                if folders == published
                else self._entries_of_languages(snapshot, folders)
            )
            if entries is not None:
                manifest = self._manifest(snapshot, folders, entries, key)
                return sign_manifest(manifest, key)
        raise CoursePackUnavailable(_("Bài đang được đổi liên tục. Hãy làm gói lại sau ít phút."))

    def generation(self) -> int:
        with self.site_builder.database.read() as session:
            return self.site_builder.tree.generation(session)

    def _load_snapshot(self) -> PublishedSnapshot:
        with self.site_builder.database.read() as session:
            return _read_snapshot(session, self.site_builder)

    def _entries_of_languages(
        self, snapshot: PublishedSnapshot, folders: Collection[str]
    ) -> tuple[TreeEntry, ...] | None:
        """Return the tree as it would be with only these languages; None when it has changed.

        Pages are built anew, so that none links to a language left out, and published in a
        transaction that is rolled back.
        """
        builder = replace(self.site_builder, only_folders=frozenset(folders))
        changes = [builder.prepare_publish(slug, {}) for slug in snapshot.numbers]
        changes.append(builder.prepare_lists())
        with builder.database.write() as session:
            if builder.tree.generation(session) != snapshot.generation:
                return None
            for change in changes:
                change(session)
            session.flush()
            entries = tuple(builder.tree.entries(session))
            session.rollback()
        others = _published_folders(snapshot) - set(folders)
        return tuple(entry for entry in entries if entry.path.split("/")[1] not in others)

    def _manifest(
        self,
        snapshot: PublishedSnapshot,
        folders: Collection[str],
        entries: Iterable[TreeEntry],
        key: SigningKey,
    ) -> CourseManifest:
        changed = [entry.changed_at for entry in snapshot.entries if entry.changed_at]
        newest = max(changed, default=datetime.fromtimestamp(0, UTC)).astimezone(UTC)
        return CourseManifest(
            server=self.site_builder.settings.base_url,
            key=key.public,
            handovers=key.handovers,
            sequence=snapshot.generation,
            made_at=f"{newest:%Y-%m-%dT%H:%M:%SZ}",
            languages=tuple(
                (folder, snapshot.endonyms[folder]) for folder in _sort_folders(folders)
            ),
            lessons=sum(SOURCE_FOLDER in numbers for numbers in snapshot.numbers.values()),
            pages=build_manifest_pages(self._select_entries(entries)),
        )

    def _select_entries(self, entries: Iterable[TreeEntry]) -> list[TreeEntry]:
        """Return the pages and the media they refer to, directly or through other media."""
        by_path = {
            entry.path: entry
            for entry in entries
            if not entry.path.startswith(urls.RESERVED_PREFIXES)
        }
        unread = [path for path, entry in by_path.items() if entry.cache is CachePolicy.PAGE]
        needed = set(unread)
        while unread:
            found = self._find_media_paths(by_path[unread.pop()]) & by_path.keys() - needed
            needed |= found
            unread += found
        return [by_path[path] for path in needed]

    def _find_media_paths(self, entry: TreeEntry) -> set[str]:
        if not entry.content_type.startswith(TEXT_TYPES):
            return set()
        body = self.site_builder.store.read_bytes(entry.identity.digest)
        return {path.decode() for path in MEDIA_PATH.findall(body)}

    def write(self, pack: CoursePack, out: Path) -> WrittenCoursePack:
        """Write a pack to the file `out`, or into the folder `out` under its own name.

        The file gets its name when all bytes are durable. Raises StoreUnavailable (disk full,
        folder read-only), and CoursePackUnavailable when a lesson changed during the writing.
        """
        out = out / pack.file_name if out.is_dir() else out
        temporary = out.with_name(f"{out.name}{UNFINISHED}")
        try:
            self._write_bytes(temporary, pack)
            if self.generation() != pack.manifest.sequence:  # a lesson may have been withdrawn
                raise CoursePackUnavailable(
                    _("Trong lúc làm gói có bài vừa đổi. Gói dở đã bỏ; hãy làm lại.")
                )
            rename_durably(temporary, out)
        except OSError as error:
            raise _write_failed(out, error) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        return WrittenCoursePack(out, pack)

    def _write_bytes(self, path: Path, pack: CoursePack) -> None:
        with path.open("wb") as file:
            try:
                for chunk in pack.read(self.site_builder.store):
                    file.write(chunk)
            except DigestNotFound as error:
                raise CoursePackUnavailable(
                    _("Kho thiếu một tệp của bài đang đăng. Hãy chạy: content-server doctor")
                ) from error
            file.flush()
            os.fsync(file.fileno())


def _read_snapshot(session: Session, builder: SiteBuilder) -> PublishedSnapshot:
    entries = tuple(builder.tree.entries(session))
    if not any(entry.cache is CachePolicy.PAGE for entry in entries):
        raise CoursePackUnavailable(_("Chưa có bài nào được đăng, chưa có gì để đóng gói."))
    locales = load_registries(session).locales.values()
    endonyms = {str(locale.folder): locale.endonym for locale in locales}
    generation = builder.tree.generation(session)
    return PublishedSnapshot(generation, published_revision_numbers(session), entries, endonyms)


def _sort_folders(folders: Collection[str]) -> list[str]:
    return sorted(folders, key=lambda folder: (folder != SOURCE_FOLDER, folder))


def _published_folders(snapshot: PublishedSnapshot) -> set[str]:
    """Return the languages that have a home page on the site."""
    homes = {entry.path[1:] for entry in snapshot.entries if entry.status < 400}  # noqa: PLR2004  # 4xx are notices
    folders = {folder for numbers in snapshot.numbers.values() for folder in numbers}
    return folders & homes | {SOURCE_FOLDER}


def _resolve_folders(languages: Collection[str] | None, published: set[str]) -> set[str]:
    if languages is None:
        return published
    unknown = sorted(set(languages) - published)
    if unknown:
        raise CoursePackUnavailable(
            _(
                "Không có bài nào bằng tiếng “{name}”. Các tiếng đang có: {told}.",
                name=", ".join(unknown)[:60],
                told=", ".join(_sort_folders(published)),
            )
        )
    return set(languages) | {SOURCE_FOLDER}


def _write_failed(out: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        _(
            "Không ghi được gói {out}: {why}. Hãy dọn bớt ổ đĩa, hoặc chọn chỗ khác.",
            out=out,
            why=describe_disk_error(error),
        )
    )
