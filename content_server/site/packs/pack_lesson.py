"""The input of every pack: one lesson in one language, with its media and the site it is on."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from content_server.lessons.editions.catalog import PublishedEditions
from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson, LocalizedStep, LocalizedVoice
from content_server.locales import fallback_chain
from content_server.media.store import Store
from content_server.phrases import Phrase
from content_server.settings import is_only_here
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import page_path, short_paths
from content_server.site.tree.rendition_index import RenditionView

MAX_STEPS = 40  # a lesson has 3 to 12; more than this is refused


@dataclass(frozen=True)
class PackLesson:
    """One localized lesson, what all pages share, and the revisions it was made from.

    `revisions` is folder → revision number of every edition that may fill a gap. `fingerprint`
    changes as soon as texts, media, helplines or this program change.
    """

    lesson: LocalizedLesson
    site: Site
    store: Store
    language_folders: Collection[str]  # of all languages this lesson is published in
    revisions: Mapping[str, int]
    fingerprint: str
    content_updated_at: datetime  # of the newest revision: the only time that may stand in a pack

    @property
    def name(self) -> str:
        """Return the file name of every pack, without its suffix."""
        return f"{self.lesson.slug}.{self.lesson.locale.folder}"

    @property
    def address(self) -> str:
        """Return the absolute address of the lesson: the short one when it has a number."""
        folder = self.lesson.locale.folder
        short = short_paths(folder, self.lesson.source.number)
        return self.site.address(short[0] if short else page_path(folder, self.lesson.slug))

    @property
    def public_address(self) -> str:
        """Return the address to print or show; "" while the server has no public address."""
        return "" if is_only_here(self.address) else self.address

    def translate(self, phrase: Phrase) -> str:
        """Return a phrase in the language of the lesson."""
        return phrase.translate(self.lesson.locale.tag)

    def packable_steps(self) -> tuple[LocalizedStep, ...]:
        """Return the steps without clips: a clip is too large, and repeats what steps show."""
        return tuple(each for each in self.lesson.steps if not isinstance(each.step, Watch))

    @property
    def step_count(self) -> int:
        """Return the number of steps as pages and slides count them, clips included."""
        return len(self.lesson.steps)

    def voice_rendition(
        self, voice: LocalizedVoice | None, content_type: str
    ) -> RenditionView | None:
        """Return the rendition of a recording in this type; None when there is none yet."""
        found = self.site.renditions.of_type(voice.digest, content_type) if voice else ()
        return found[0] if found else None


def build_pack_lesson(  # noqa: PLR0913, PLR0917  # everything a pack depends on
    lesson: LocalizedLesson,
    lessons: Iterable[LocalizedLesson],
    editions: PublishedEditions,
    site: Site,
    store: Store,
    build_fingerprint: str,
) -> PackLesson:
    """Collect the input of packs of `lesson`; `lessons` is the lesson in all its languages.

    `build_fingerprint` stands for the code and the settings that make the packs.
    """
    locales = {locale.folder: locale for locale in site.locales}
    chain = fallback_chain(locales, lesson.locale.folder)
    used = {locale.folder: editions[locale.folder] for locale in chain if locale.folder in editions}
    language_folders = sorted(each.locale.folder for each in lessons)
    inputs = [
        build_fingerprint,
        language_folders,
        site.base_url,
        {folder: edition.digest for folder, edition in used.items()},
        [repr(locale) for locale in chain],
        [repr(site.contacts.get(name)) for name in lesson.source.help],
        sorted(
            rendition.digest
            for source in set(lesson.media.values())
            for rendition in site.renditions.by_source.get(source, ())
        ),
    ]
    return PackLesson(
        lesson=lesson,
        site=site,
        store=store,
        language_folders=language_folders,
        revisions={folder: edition.number for folder, edition in used.items()},
        fingerprint=sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest(),
        content_updated_at=max(edition.created_at for edition in used.values()),
    )
