"""The page of a phone used as remote control of the slides: buttons, a clock, trainer notes."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from content_server import urls
from content_server.phrases import _
from content_server.site.pages.contexts import PageContext
from content_server.site.pages.render import render_page


@dataclass(frozen=True)
class RemotePage(PageContext):
    """The remote control. The current slide and its notes are sent to it once it is paired."""

    template: ClassVar[str] = "remote.html"


@cache
def render_remote_page() -> bytes:
    """Return the page; it is the same for every pairing."""
    title = _("Điều khiển trình chiếu").translate("vi")
    return render_page(
        RemotePage(
            tag="vi", address=urls.REMOTE_PAIRINGS, title=title, languages=(), home=urls.START_PAGE
        )
    )
