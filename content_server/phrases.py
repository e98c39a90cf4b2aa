"""Translates every sentence a person sees (gettext, with Vietnamese msgids).

Sentences are written in the code in Vietnamese; that sentence is the gettext msgid.
Vietnamese is therefore always complete. Other languages are `.po` files in `translations/`,
read directly: nothing is compiled. A sentence without a translation stays Vietnamese.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).parent / "translations"
SOURCE_TAG = "vi"


@dataclass(frozen=True)
class Phrase:
    """A translatable sentence with the values of its placeholders."""

    message: str
    values: dict[str, object] = field(default_factory=dict)

    def translate(self, tag: str) -> str:
        """Return the sentence in language `tag`; in Vietnamese where there is no translation."""
        template = _catalog(tag).get(self.message, self.message)
        values = {
            name: value.translate(tag) if isinstance(value, Phrase) else value
            for name, value in self.values.items()
        }
        return template.format(**values) if values else template

    def __str__(self) -> str:
        return self.translate(SOURCE_TAG)


def _(message: str, /, **values: object) -> Phrase:
    """Mark a Vietnamese sentence for translation; `{name}` in it takes the value `name`."""
    return Phrase(message, values)


def ui_language(tag: str) -> str:
    """Return the language of the interface: `tag` if it has a catalog, else Vietnamese."""
    return tag if tag != SOURCE_TAG and _catalog(tag) else SOURCE_TAG


def gettext_for(tag: str) -> Callable[..., str]:
    """Return the function `_` of templates: it translates a Vietnamese sentence into `tag`."""

    def gettext(message: str, /, **values: object) -> str:
        return Phrase(message, values).translate(tag)

    return gettext


@cache
def _catalog(tag: str) -> dict[str, str]:
    path = TRANSLATIONS / f"{tag}.po"
    if tag == SOURCE_TAG or not path.is_file():
        return {}
    with path.open("rb") as file:
        messages = read_po(file)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
