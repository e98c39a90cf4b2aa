"""Says every sentence a person sees in that person's language.

Sentences are written in the code in Vietnamese; that sentence is the gettext msgid.
Vietnamese is therefore always complete. Other tongues are `.po` files in `translations/`,
read as they are: there is nothing to compile. A sentence a catalogue does not have yet
is said in Vietnamese.
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
    """One sentence with its values, not yet said in any language."""

    message: str
    values: dict[str, object] = field(default_factory=dict)

    def said_in(self, tag: str) -> str:
        """Return the sentence in language `tag`; in Vietnamese where there is no translation."""
        template = _catalogue(tag).get(self.message, self.message)
        values = {
            name: value.said_in(tag) if isinstance(value, Phrase) else value
            for name, value in self.values.items()
        }
        return template.format(**values) if values else template

    def __str__(self) -> str:
        return self.said_in(SOURCE_TAG)


def _(message: str, /, **values: object) -> Phrase:
    """Mark a Vietnamese sentence as one to translate; `{name}` in it takes the value `name`."""
    return Phrase(message, values)


def tongue(tag: str) -> str:
    """Return the language a person who asks for `tag` is really spoken to in."""
    return tag if tag != SOURCE_TAG and _catalogue(tag) else SOURCE_TAG


def speaker(tag: str) -> Callable[..., str]:
    """Return the function templates know as `_`: it says a Vietnamese sentence in `tag`."""

    def say(message: str, /, **values: object) -> str:
        return Phrase(message, values).said_in(tag)

    return say


@cache
def _catalogue(tag: str) -> dict[str, str]:
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
