"""Which module makes which kind of pack; each is imported when it is first needed."""

from importlib import import_module
from typing import cast

from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import Maker

MAKERS = {
    PackKind.SOUND: ("lesson_audio", "make_sound"),
    PackKind.MOVIE: ("film", "make_movie"),
    PackKind.STILLS: ("film", "make_stills"),
    PackKind.SLIDES: ("slides", "make_slides"),
    PackKind.BOOK: ("epub", "make_book"),
    PackKind.ONE_FILE: ("one_file", "make_one_file"),
    PackKind.CARDS: ("paper", "make_cards"),
    PackKind.HANDOUT: ("paper", "make_handout"),
    PackKind.POSTER: ("paper", "make_poster"),
    PackKind.NOTES: ("paper", "make_notes"),
    PackKind.ANSWERS: ("paper", "make_answers"),
}


def maker_of(kind: PackKind) -> Maker:
    """Return the function that writes packs of this kind. typst and python-pptx load slowly."""
    module, name = MAKERS[kind]
    return cast("Maker", getattr(import_module(f"content_server.site.packs.{module}"), name))
