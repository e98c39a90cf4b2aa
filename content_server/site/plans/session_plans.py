"""The session plan of a trainer, and the answer cards A, B, C, D that villagers hold up."""

from collections.abc import Sequence

from content_server import urls
from content_server.lessons.lesson import Ask
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.pages.pages import Site, make_cover_figure
from content_server.site.pages.panels import page_path
from content_server.site.slides.contexts import AnswerCardsPage, SessionPlanLesson, SessionPlanPage

INTRODUCTION_MINUTES = (
    10  # greeting, the lesson twice, questions; each step adds about a minute of practice
)


def build_session_plan_page(
    lessons: Sequence[LocalizedLesson], locale: Locale, site: Site
) -> SessionPlanPage:
    """Return the session plan; it leaves out lessons without a number, which plans refer to."""
    return SessionPlanPage(
        tag=locale.tag,
        address=site.address(urls.SESSION_PLAN.url(folder=locale.folder)),
        title=_("Buổi học ở bản").translate(locale.tag),
        languages=(),
        home=page_path(locale.folder),
        lessons=tuple(
            _build_lesson(lesson, lesson.source.number, site)
            for lesson in lessons
            if lesson.source.number
        ),
        answer_cards=urls.ANSWER_CARDS.url(folder=locale.folder),
    )


def build_answer_cards_page(locale: Locale, site: Site) -> AnswerCardsPage:
    """Return the page with the cards A, B, C and D."""
    return AnswerCardsPage(
        tag=locale.tag,
        address=site.address(urls.ANSWER_CARDS.url(folder=locale.folder)),
        title=_("Thẻ A B C D").translate(locale.tag),
        languages=(),
        home=page_path(locale.folder),
    )


def _build_lesson(lesson: LocalizedLesson, number: int, site: Site) -> SessionPlanLesson:
    source = lesson.source
    return SessionPlanLesson(
        number=number,
        path=urls.DECK.url(folder=lesson.locale.folder, slug=lesson.slug),
        title=lesson.title.text,
        figure=make_cover_figure(lesson, site.renditions),
        minutes=INTRODUCTION_MINUTES + len(source.steps),
        has_question=any(isinstance(step, Ask) for step in source.steps),
        safety=lesson.safety.text,
        warning=lesson.warning.text,
        teach_back=source.teach_back or "",
    )
