"""The sheet of a village helper: three to five houses without names, a tick for each lesson."""

from collections.abc import Sequence

from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.pages.contexts import HouseholdLesson, HouseholdPage
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import Desk, path_of

HOUSES = (1, 2, 3, 4, 5)  # research: domain §6, each helper looks after three to five


def household_path(locale: Locale) -> str:
    return path_of(locale.folder, "nha")


def household_page(
    tellings: Sequence[LocalizedLesson], locale: Locale, site: Site
) -> HouseholdPage:
    """Return the sheet with every lesson there is in one language, in the order of the list."""
    return HouseholdPage(
        tag=locale.tag,
        address=site.address(household_path(locale)),
        title=_("Giúp từng nhà").said_in(locale.tag),
        languages=(),
        home=path_of(locale.folder),
        lessons=tuple(_lesson(telling, site) for telling in tellings),
        houses=HOUSES,
    )


def _lesson(telling: LocalizedLesson, site: Site) -> HouseholdLesson:
    return HouseholdLesson(
        key=telling.slug,
        path=path_of(telling.locale.folder, telling.slug),
        title=Desk(telling, site.shelf).line(telling.title),
    )
