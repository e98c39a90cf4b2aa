"""Evenings: the page a trainer plans one on, and the cards villagers hold up."""

from collections.abc import Sequence

from content_server.lessons.lesson import Ask
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.pages.pages import Site, cover_of, evening_path
from content_server.site.pages.panels import deck_path, path_of
from content_server.site.slides.contexts import CardsPage, PlanLesson, PlanPage

TALK_MINUTES = 10  # greeting, the lesson twice, questions; then about a minute a step with hands on


def cards_path(folder: str) -> str:
    """Return the address of the cards to print."""
    return path_of(folder, "the-abcd")


def plan_page(tellings: Sequence[LocalizedLesson], locale: Locale, site: Site) -> PlanPage:
    """Return the page that plans an evening; lessons without a number cannot be named in a plan."""
    return PlanPage(
        tag=locale.tag,
        address=site.address(evening_path(locale.folder)),
        title=_("Buổi học ở bản").said_in(locale.tag),
        languages=(),
        home=path_of(locale.folder),
        lessons=tuple(
            _lesson(telling, telling.source.number, site)
            for telling in tellings
            if telling.source.number
        ),
        cards=cards_path(locale.folder),
    )


def cards_page(locale: Locale, site: Site) -> CardsPage:
    """Return the cards A, B, C and D."""
    return CardsPage(
        tag=locale.tag,
        address=site.address(cards_path(locale.folder)),
        title=_("Thẻ A B C D").said_in(locale.tag),
        languages=(),
        home=path_of(locale.folder),
    )


def _lesson(telling: LocalizedLesson, number: int, site: Site) -> PlanLesson:
    source = telling.source
    return PlanLesson(
        number=number,
        path=deck_path(telling.locale.folder, telling.slug),
        title=telling.title.text,
        figure=cover_of(telling, site.shelf),
        minutes=TALK_MINUTES + len(source.steps),
        has_question=any(isinstance(step, Ask) for step in source.steps),
        safety=telling.safety.text,
        warning=telling.warning.text,
        teach_back=source.teach_back or "",
    )
