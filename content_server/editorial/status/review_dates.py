"""Due: the day by which somebody looks at a lesson again, since the apps it shows change.

A date set by a person counts; without one, half a year after the day the lesson was last checked.
"""

from datetime import date, timedelta

from sqlmodel import Session

from content_server.errors import ChangeRefused
from content_server.lessons.editions.revisions import find_edition
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

AFTER_CHECK = timedelta(days=182)  # screens of VNeID or Zalo change within months; our judgement
FURTHEST = timedelta(days=730)
SOON = timedelta(days=30)  # listed as coming up


def due_on(review_by: date | None, checked_on: str) -> date | None:
    """Return the day a lesson is to be looked at again; None when nothing is known of it."""
    if review_by is not None:
        return review_by
    try:
        return date.fromisoformat(checked_on) + AFTER_CHECK
    except (ValueError, OverflowError):
        return None


def set_due(session: Session, slug: str, review_by: date, today: date) -> None:
    """Set the day of a lesson. Raises ChangeRefused for one that is past or years away."""
    if not today < review_by <= today + FURTHEST:
        raise ChangeRefused(_("Chọn một ngày sau hôm nay, trong vòng hai năm."))
    edition = find_edition(session, slug, SOURCE_FOLDER)
    edition.review_by = review_by
    session.add(edition)
