"""Review dates: the day by which a lesson is checked again, since the apps it shows change.

A date set by a person is used; without one, half a year after the day the lesson was last checked.
"""

from datetime import date, timedelta

from sqlmodel import Session

from content_server.errors import ChangeRejected
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import EditionRef
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

DEFAULT_INTERVAL = timedelta(
    days=182
)  # screens of VNeID or Zalo change within months; our judgement
MAX_AHEAD = timedelta(days=730)
UPCOMING = timedelta(days=30)  # listed as upcoming


def review_date_of(review_by: date | None, checked_on: str) -> date | None:
    """Return the day a lesson is to be checked again; None without any date."""
    if review_by is not None:
        return review_by
    try:
        return date.fromisoformat(checked_on) + DEFAULT_INTERVAL
    except (ValueError, OverflowError):
        return None


def set_review_date(session: Session, slug: str, review_by: date, today: date) -> None:
    """Set the review date of a lesson. Raises ChangeRejected unless it is within MAX_AHEAD."""
    if not today < review_by <= today + MAX_AHEAD:
        raise ChangeRejected(_("Chọn một ngày sau hôm nay, trong vòng hai năm."))
    edition = find_edition(session, EditionRef(slug, SOURCE_FOLDER))
    edition.review_by = review_by
    session.add(edition)
