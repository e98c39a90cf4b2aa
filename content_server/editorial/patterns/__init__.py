"""Patterns: lessons half made, as data, for an author to begin with."""

import copy
from datetime import date
from functools import cache
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.edits import Body, clean
from content_server.editorial.review.workflow import Actor
from content_server.errors import ChangeRefused
from content_server.lessons.bundle import RESERVED
from content_server.lessons.editions.catalog import fold
from content_server.lessons.editions.revisions import open_edition
from content_server.lessons.editions.tables import EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.yaml_source import read_manuscript
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

HERE = Path(__file__).parent
EMPTY = "bai-trong"
MOST_SLUG = 60


@cache
def patterns() -> dict[str, Body]:
    """Return the patterns by file name: a body each, and under `pattern` what people call it."""
    found = {
        path.stem: read_manuscript(path, path.name).value for path in sorted(HERE.glob("*.yaml"))
    }
    return {EMPTY: found.pop(EMPTY), **found}


def new_lesson(  # noqa: PLR0913, PLR0917  # a beginning is all of this
    session: Session, title: str, pattern: str, topic: str, library: Registries, by: Actor
) -> str:
    """Begin a lesson with a pattern; return its name in addresses. Raises ChangeRefused."""
    title = str(clean(title))
    if not fold(title).strip("-. "):
        raise ChangeRefused(_("Đặt tên cho bài trước đã."))
    if topic not in library.topics:
        raise ChangeRefused(_("Chọn nhóm bài."))
    slug = free_slug(session, title)
    open_edition(session, slug, SOURCE_FOLDER)
    draft = open_draft(session, slug, SOURCE_FOLDER)
    body = copy.deepcopy(patterns().get(pattern) or patterns()[EMPTY])
    body.pop("pattern")
    contacts = list(library.contacts)[:1]
    body |= {"title": title, "topic": topic, "help": contacts}
    body |= {"checked_on": date.today().isoformat(), "sources": []}  # noqa: DTZ011  # the server's own day
    draft.body, draft.number, draft.saved_by = body, 1, by.id
    session.add(draft)
    session.flush()
    return slug


def free_slug(session: Session, title: str) -> str:
    """Return a name for addresses made of a title, that no lesson has yet."""
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in fold(title))
    stem = "-".join(letters.split())[: MOST_SLUG - 4].strip("-") or "bai"
    query = select(EditionRow.slug).where(col(EditionRow.slug).startswith(stem, autoescape=True))
    taken = set(session.exec(query)) | RESERVED
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(name for name in names if name not in taken)
