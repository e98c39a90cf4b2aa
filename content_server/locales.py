"""Locales: the languages of lessons, and the fallback chain for texts a language lacks.

A locale has two names: `folder` is used in paths and addresses (`tay`), `tag` is its BCP 47 tag
(`tyz`; in ISO 639-3 `tay` is a language of Taiwan). Babel knows no tag of ours but `vi`.
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
    voice_only: bool = False  # recordings only; texts are in the language of the fallback
    orthography: str | None = None  # the spelling system of its texts, where there are several
    waiting: bool = False  # in the registry, no voice yet

    @property
    def name_in_sentence(self) -> str:
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
