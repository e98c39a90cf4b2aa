"""Patterns: partly written lessons, as data, from which authors start a new lesson."""

import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.edits import DraftBody, clean_value
from content_server.editorial.review.workflow import Actor
from content_server.errors import ChangeRejected
from content_server.lessons.bundle import RESERVED_SLUGS
from content_server.lessons.editions.revisions import get_or_create_edition
from content_server.lessons.editions.search import fold_for_search
from content_server.lessons.editions.tables import EditionRef, EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.yaml_source import read_yaml_source
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

HERE = Path(__file__).parent
EMPTY_PATTERN = "bai-trong"
MAX_SLUG_CHARACTERS = 60


@cache
def load_patterns() -> dict[str, DraftBody]:
    """Return file name → body of each pattern; its key `pattern` is its name on the page."""
    bodies = {
        path.stem: read_yaml_source(path, path.name).value for path in sorted(HERE.glob("*.yaml"))
    }
    return {EMPTY_PATTERN: bodies.pop(EMPTY_PATTERN), **bodies}


@dataclass(frozen=True)
class NewLesson:
    """A lesson to be created: its title, the file name of its pattern, and its topic."""

    title: str
    pattern: str
    topic: str


def create_lesson_from_pattern(
    session: Session, lesson: NewLesson, registries: Registries, actor: Actor
) -> str:
    """Create a lesson from a pattern; return its slug. Raises ChangeRejected."""
    title, topic = str(clean_value(lesson.title)), lesson.topic
    if not fold_for_search(title).strip("-. "):
        raise ChangeRejected(_("Đặt tên cho bài trước đã."))
    if topic not in registries.topics:
        raise ChangeRejected(_("Chọn nhóm bài."))
    slug = free_slug(session, title)
    get_or_create_edition(session, EditionRef(slug, SOURCE_FOLDER))
    draft = open_draft(session, EditionRef(slug, SOURCE_FOLDER))
    body = copy.deepcopy(load_patterns().get(lesson.pattern) or load_patterns()[EMPTY_PATTERN])
    body.pop("pattern")
    contacts = list(registries.contacts)[:1]
    body |= {"title": title, "topic": topic, "help": contacts}
    body |= {"checked_on": date.today().isoformat(), "sources": []}  # noqa: DTZ011  # the server's own day
    draft.body, draft.version, draft.saved_by = body, 1, actor.id
    session.add(draft)
    session.flush()
    return slug


def free_slug(session: Session, title: str) -> str:
    """Return a slug made of a title that no lesson has yet."""
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in fold_for_search(title))
    stem = "-".join(letters.split())[: MAX_SLUG_CHARACTERS - 4].strip("-") or "bai"
    query = select(EditionRow.slug).where(col(EditionRow.slug).startswith(stem, autoescape=True))
    taken = set(session.exec(query)) | RESERVED_SLUGS
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(name for name in names if name not in taken)
