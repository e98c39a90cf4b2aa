"""Locales: the languages lessons may be made in, and what is shown where one has a gap.

A locale has two names: `folder` is what we call it (`tay`), `tag` is what we tell the world
(`tyz`; in ISO 639-3 `tay` is a language of Taiwan). Never ask Babel about a tag: it knows `vi`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

Folder = NewType("Folder", str)
SOURCE_FOLDER = Folder("vi")


@dataclass(frozen=True)
class Locale:
    """One language of the registry."""

    folder: Folder  # name in file paths and in addresses: vi, hmn, tay
    tag: str  # BCP 47, for <html lang>, hreflang, packs: vi, hmn, tyz
    endonym: str  # the language's own name, shown in the switcher
    name_vi: str  # its name in Vietnamese
    script: str = "Latn"  # ISO 15924
    fallback: Folder | None = SOURCE_FOLDER  # tried next; None only for the source
    voice_only: bool = False  # made of recordings, with the words in the fallback's language
    orthography: str | None = None  # which spelling texts must use, where there are several
    waiting: bool = False  # in the registry, no voice yet

    @property
    def spoken_name(self) -> str:
        """Return its Vietnamese name inside a sentence: tiếng Mông."""
        return self.name_vi[:1].lower() + self.name_vi[1:]


Locales = Mapping[Folder, Locale]


def fallback_chain(locales: Locales, folder: Folder) -> tuple[Locale, ...]:
    """Return the locales to try for `folder`, in order; a cycle in the data ends the chain."""
    chain: list[Locale] = []
    seen: set[str] = set()
    following: Folder | None = folder
    while following is not None and following in locales and following not in seen:
        seen.add(following)
        chain.append(locales[following])
        following = locales[following].fallback
    return tuple(chain)
