"""What a pack is made of: one lesson as one language tells it, with all its pictures and voices."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from content_server.lessons.editions.catalog import PublishedEditions
from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson, LocalizedStep, LocalizedVoice
from content_server.locales import fallback_chain
from content_server.media.store import Store
from content_server.phrases import Phrase
from content_server.settings import is_only_here
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import path_of, short_paths
from content_server.site.tree.rendition_index import RenditionView

MOST_STEPS = 40  # a lesson has 3 to 12; a pack of more than this is no lesson


@dataclass(frozen=True)
class PackLesson:
    """One telling, what all pages share, and the revisions it was told from.

    `made_from` is folder → revision number of every edition that may fill a gap. `stamp` is another
    one as soon as words, media, helplines or this program differ.
    """

    telling: LocalizedLesson
    site: Site
    store: Store
    told_in: Collection[str]  # folders of all languages this lesson is told in
    made_from: Mapping[str, int]
    stamp: str
    dated: datetime  # of the newest of those revisions: the only time in a pack

    @property
    def name(self) -> str:
        """Return the file name of every pack, without its suffix."""
        return f"{self.telling.slug}.{self.telling.locale.folder}"

    @property
    def address(self) -> str:
        """Return where the lesson is found: the short address where it has a number."""
        folder = self.telling.locale.folder
        short = short_paths(folder, self.telling.source.number)
        return self.site.address(short[0] if short else path_of(folder, self.telling.slug))

    @property
    def given_address(self) -> str:
        """Return the address to print or show; empty while it would lead nobody here."""
        return "" if is_only_here(self.address) else self.address

    def said(self, phrase: Phrase) -> str:
        """Return a phrase in the language of the telling."""
        return phrase.said_in(self.telling.locale.tag)

    def steps(self) -> tuple[LocalizedStep, ...]:
        """Return the steps a file can hold: a clip is too heavy, and shows the same again."""
        return tuple(told for told in self.telling.steps if not isinstance(told.step, Watch))

    @property
    def total(self) -> int:
        """Return how many steps are counted on every screen, wall and sheet: clips too."""
        return len(self.telling.steps)

    def recording(self, spoken: LocalizedVoice | None, content_type: str) -> RenditionView | None:
        """Return a voice as a file of this type; None when there is none, or it is not ready."""
        found = self.site.shelf.of_type(spoken.digest, content_type) if spoken else ()
        return found[0] if found else None


@dataclass(frozen=True)
class PackJob:
    """How a maker tells how far it is, and hears that it should stop."""

    on_progress: Callable[[float], None] = lambda _share: None
    is_cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Pack:
    """A finished file in the work folder, and what it leaves out."""

    path: Path
    duration_ms: int | None = None
    notes: tuple[Phrase, ...] = ()

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size


Maker = Callable[[PackLesson, Path, PackJob], Pack]
"""Writes a pack into a folder of its own. The same Taught gives the same bytes."""


def taught_from(  # noqa: PLR0913, PLR0917  # all there is to know, once
    telling: LocalizedLesson,
    tellings: Iterable[LocalizedLesson],
    versions: PublishedEditions,
    site: Site,
    store: Store,
    recipe: str,
) -> PackLesson:
    """Gather what packs of `telling` are made of; `tellings` are all of its lesson.

    `recipe` stands for the program that makes them.
    """
    locales = {locale.folder: locale for locale in site.locales}
    chain = fallback_chain(locales, telling.locale.folder)
    used = {locale.folder: versions[locale.folder] for locale in chain if locale.folder in versions}
    told_in = sorted(each.locale.folder for each in tellings)
    shaped_by = [
        recipe,
        told_in,
        site.base_url,
        {folder: version.digest for folder, version in used.items()},
        [repr(locale) for locale in chain],
        [repr(site.contacts.get(name)) for name in telling.source.help],
        sorted(
            rendered.digest
            for source in set(telling.media.values())
            for rendered in site.shelf.renditions.get(source, ())
        ),
    ]
    return PackLesson(
        telling=telling,
        site=site,
        store=store,
        told_in=told_in,
        made_from={folder: version.number for folder, version in used.items()},
        stamp=sha256(json.dumps(shaped_by, sort_keys=True).encode()).hexdigest(),
        dated=max(version.created_at for version in used.values()),
    )
