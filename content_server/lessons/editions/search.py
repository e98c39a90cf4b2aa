"""Full-text search over the words of published lessons, with and without Vietnamese marks."""

import unicodedata

from sqlmodel import Session, col, or_, select

from content_server.lessons.editions.tables import SearchRow
from content_server.lessons.localized import LocalizedLesson

MAX_SEARCH_RESULTS = 40
MAX_SEARCH_WORDS = 8
MAX_INDEXED_CHARACTERS = 20_000  # the width of `SearchRow.words`


def fold_for_search(text: str) -> str:
    """Return `text` without capitals and Vietnamese marks, with đ as d, for matching."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in plain if not unicodedata.combining(c))


def index_lesson(session: Session, lesson: LocalizedLesson) -> None:
    """Write the search row of a published lesson in one language."""
    texts = [lesson.title, lesson.why, lesson.success, lesson.warning]
    words = " ".join(
        [*(each.text for each in texts), *(step.sentence.text for step in lesson.steps)]
    )
    words = f"{words} {lesson.slug.replace('-', ' ')}"[:MAX_INDEXED_CHARACTERS]
    title = lesson.title.text
    session.merge(
        SearchRow(
            slug=lesson.slug,
            folder=lesson.locale.folder,
            title=title,
            words=words,
            title_fold=fold_for_search(title),
            words_fold=fold_for_search(words),
        )
    )


SearchRank = tuple[
    bool, bool, bool
]  # not in the title, not in the title without marks, not in the words: False is best


def search_lessons(session: Session, folder: str, query: str) -> dict[str, SearchRank]:
    """Return slug → rank of the lessons whose text contains every word of `query`.

    A match with marks ranks before one without, and a title before the text: mã, mạ and ma are
    different words.
    """
    words = [word for word in fold_for_search(query).split() if word][:MAX_SEARCH_WORDS]
    if not words:
        return {}
    statement = select(SearchRow).where(SearchRow.folder == folder)
    for word in words:
        statement = statement.where(
            or_(
                col(SearchRow.words_fold).contains(word, autoescape=True),
                col(SearchRow.title_fold).contains(word, autoescape=True),
            )
        )
    typed = " ".join(query.casefold().split())

    def rank(row: SearchRow) -> SearchRank:
        title, text = row.title.casefold(), row.words.casefold()
        return (typed not in title, fold_for_search(typed) not in row.title_fold, typed not in text)

    return {row.slug: rank(row) for row in session.exec(statement.limit(MAX_SEARCH_RESULTS))}
