"""Which module makes which kind of pack; each is imported when it is first needed."""

from importlib import import_module
from typing import cast

from content_server.site.packs.pack_kinds import Kind
from content_server.site.packs.pack_lesson import Maker

MAKERS = {
    Kind.SOUND: ("lesson_audio", "make_sound"),
    Kind.MOVIE: ("film", "make_movie"),
    Kind.STILLS: ("film", "make_stills"),
    Kind.SLIDES: ("slides", "make_slides"),
    Kind.BOOK: ("epub", "make_book"),
    Kind.ONE_FILE: ("one_file", "make_one_file"),
    Kind.CARDS: ("paper", "make_cards"),
    Kind.HANDOUT: ("paper", "make_handout"),
    Kind.POSTER: ("paper", "make_poster"),
    Kind.NOTES: ("paper", "make_notes"),
    Kind.ANSWERS: ("paper", "make_answers"),
}


def maker_of(kind: Kind) -> Maker:
    """Return the function that writes packs of this kind. typst and python-pptx load slowly."""
    module, name = MAKERS[kind]
    return cast("Maker", getattr(import_module(f"content_server.site.packs.{module}"), name))
