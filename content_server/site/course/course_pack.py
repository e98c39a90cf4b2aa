"""The course pack: everything published, in the languages chosen, as one signed file.

What is signed is what villagers see at one moment, never a draft. Built twice from the same moment
it is the same file, byte for byte: its number is the tree's, its date that of its newest page.
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

from content_server.errors import CourseNotOffered, DigestNotFound, StoreUnavailable
from content_server.lessons.editions.catalog import load_registries, published_numbers
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.course.atomic_write import settle, why
from content_server.site.course.container import Pack, sign
from content_server.site.course.keys import SigningKey, read_key
from content_server.site.course.manifest import MACHINERY, Manifest, packed_pages
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.published import PRESSED_TYPES, Cache, Entry

TRIES = 3  # when something is published meanwhile
MEDIUM = re.compile(rb"/m/[A-Za-z0-9._-]+")
READ_TYPES = (*PRESSED_TYPES, "application/javascript")
UNFINISHED = ".unfinished"


class Moment(NamedTuple):
    """What is published at one generation."""

    generation: int
    numbers: Mapping[str, Mapping[str, int]]  # slug → folder → revision
    entries: tuple[Entry, ...]
    endonyms: Mapping[str, str]  # folder → the language's own name


@dataclass(frozen=True)
class Written:
    """A course pack that lies where it was asked for."""

    path: Path
    pack: Pack


@dataclass(frozen=True)
class Course:
    """Makes course packs of what `press` has published."""

    press: SiteBuilder

    def pack(self, languages: Collection[str] | None = None, key: SigningKey | None = None) -> Pack:
        """Return the signed pack of this moment; all languages when none are named.

        Vietnamese always comes along: it is what every gap is filled from. Raises KeyRefused,
        CourseNotOffered (nothing published, a language without lessons, no quiet moment).
        """
        key = key or read_key(self.press.settings.data_dir)
        for _try in range(TRIES):
            moment = self._now()
            told = _told(moment)
            chosen = _chosen(languages, told)
            entries = moment.entries if chosen == told else self._told_only(moment, chosen)
            if entries is not None:
                manifest = self._manifest(moment, chosen, entries, key)
                return sign(manifest, key)
        raise CourseNotOffered(_("Bài đang được đổi liên tục. Hãy làm gói lại sau ít phút."))

    def generation(self) -> int:
        with self.press.database.read() as session:
            return self.press.tree.generation(session)

    def _now(self) -> Moment:
        with self.press.database.read() as session:
            return _moment(session, self.press)

    def _told_only(self, moment: Moment, chosen: Collection[str]) -> tuple[Entry, ...] | None:
        """Return what would be published if only these languages were; None: it has changed.

        Pages are pressed as ever, shown in a transaction that is given up: no page leads to a
        language that stayed at home.
        """
        press = replace(self.press, only=frozenset(chosen))
        changes = [press.publishing(slug, {}) for slug in moment.numbers]
        changes.append(press.listing())
        with press.database.write() as session:
            if press.tree.generation(session) != moment.generation:
                return None
            for change in changes:
                change(session)
            session.flush()
            entries = tuple(press.tree.entries(session))
            session.rollback()
        others = _told(moment) - set(chosen)
        return tuple(entry for entry in entries if entry.path.split("/")[1] not in others)

    def _manifest(
        self, moment: Moment, chosen: Collection[str], entries: Iterable[Entry], key: SigningKey
    ) -> Manifest:
        changed = [entry.changed_at for entry in moment.entries if entry.changed_at]
        newest = max(changed, default=datetime.fromtimestamp(0, UTC)).astimezone(UTC)
        return Manifest(
            server=self.press.settings.base_url,
            key=key.public,
            handovers=key.handovers,
            sequence=moment.generation,
            made_at=f"{newest:%Y-%m-%dT%H:%M:%SZ}",
            languages=tuple((folder, moment.endonyms[folder]) for folder in _ordered(chosen)),
            lessons=sum(SOURCE_FOLDER in folders for folders in moment.numbers.values()),
            pages=packed_pages(self._needed(entries)),
        )

    def _needed(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the pages, and of the media those that a page names: old ones stay at home."""
        by_path = {entry.path: entry for entry in entries if not entry.path.startswith(MACHINERY)}
        waiting = [path for path, entry in by_path.items() if entry.cache is Cache.PAGE]
        needed = set(waiting)
        while waiting:
            named = self._media_named_in(by_path[waiting.pop()]) & by_path.keys() - needed
            needed |= named
            waiting += named
        return [by_path[path] for path in needed]

    def _media_named_in(self, entry: Entry) -> set[str]:
        if not entry.content_type.startswith(READ_TYPES):
            return set()
        body = self.press.store.read_bytes(entry.identity.digest)
        return {path.decode() for path in MEDIUM.findall(body)}

    def write(self, pack: Pack, out: Path) -> Written:
        """Write a pack to the file `out`, or into the folder `out` under its own name.

        The name appears only when all bytes are there and safe. Raises StoreUnavailable (disk
        full, folder read-only) and CourseNotOffered when what it holds was changed meanwhile.
        """
        out = out / pack.file_name if out.is_dir() else out
        beside = out.with_name(f"{out.name}{UNFINISHED}")
        try:
            self._fill(beside, pack)
            if self.generation() != pack.manifest.sequence:  # a lesson may have been withdrawn
                raise CourseNotOffered(
                    _("Trong lúc làm gói có bài vừa đổi. Gói dở đã bỏ; hãy làm lại.")
                )
            settle(beside, out)
        except OSError as error:
            raise _unwritable(out, error) from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        return Written(out, pack)

    def _fill(self, path: Path, pack: Pack) -> None:
        with path.open("wb") as file:
            try:
                for chunk in pack.read(self.press.store):
                    file.write(chunk)
            except DigestNotFound as error:
                raise CourseNotOffered(
                    _("Kho thiếu một tệp của bài đang đăng. Hãy chạy: content-server doctor")
                ) from error
            file.flush()
            os.fsync(file.fileno())


def _moment(session: Session, press: SiteBuilder) -> Moment:
    entries = tuple(press.tree.entries(session))
    if not any(entry.cache is Cache.PAGE for entry in entries):
        raise CourseNotOffered(_("Chưa có bài nào được đăng, chưa có gì để đóng gói."))
    locales = load_registries(session).locales.values()
    endonyms = {str(locale.folder): locale.endonym for locale in locales}
    generation = press.tree.generation(session)
    return Moment(generation, published_numbers(session), entries, endonyms)


def _ordered(folders: Collection[str]) -> list[str]:
    return sorted(folders, key=lambda folder: (folder != SOURCE_FOLDER, folder))


def _told(moment: Moment) -> set[str]:
    """Return the languages that have a home on the site."""
    homes = {entry.path[1:] for entry in moment.entries if entry.status < 400}  # noqa: PLR2004  # 4xx are notices
    folders = {folder for numbers in moment.numbers.values() for folder in numbers}
    return folders & homes | {SOURCE_FOLDER}


def _chosen(languages: Collection[str] | None, told: set[str]) -> set[str]:
    if languages is None:
        return told
    unknown = sorted(set(languages) - told)
    if unknown:
        raise CourseNotOffered(
            _(
                "Không có bài nào bằng tiếng “{name}”. Các tiếng đang có: {told}.",
                name=", ".join(unknown)[:60],
                told=", ".join(_ordered(told)),
            )
        )
    return set(languages) | {SOURCE_FOLDER}


def _unwritable(out: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        _(
            "Không ghi được gói {out}: {why}. Hãy dọn bớt ổ đĩa, hoặc chọn chỗ khác.",
            out=out,
            why=why(error),
        )
    )
