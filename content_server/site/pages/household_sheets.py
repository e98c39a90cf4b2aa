"""The household sheet: a helper ticks, for numbered households, which lessons they can do."""

from collections.abc import Sequence

from content_server import urls
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.pages.contexts import HouseholdLesson, HouseholdSheetPage
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import PanelBuilder, page_path

HOUSEHOLD_NUMBERS = (1, 2, 3, 4, 5)  # docs/research/domain.md#helpers-and-households


def build_household_sheet_page(
    lessons: Sequence[LocalizedLesson], locale: Locale, site: Site
) -> HouseholdSheetPage:
    """Return the sheet with all lessons of one language, in the order of the list."""
    return HouseholdSheetPage(
        tag=locale.tag,
        address=site.address(urls.HOUSEHOLD_SHEET.url(folder=locale.folder)),
        title=_("Giúp từng nhà").translate(locale.tag),
        languages=(),
        home=page_path(locale.folder),
        lessons=tuple(_build_lesson(lesson, site) for lesson in lessons),
        households=HOUSEHOLD_NUMBERS,
    )


def _build_lesson(lesson: LocalizedLesson, site: Site) -> HouseholdLesson:
    return HouseholdLesson(
        key=lesson.slug,
        path=page_path(lesson.locale.folder, lesson.slug),
        title=PanelBuilder(lesson, site.renditions).build_sentence(lesson.title),
    )
