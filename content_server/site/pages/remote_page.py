"""The page of a phone that leads the slides: large buttons, a clock, and what the trainer says."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from content_server.phrases import _
from content_server.site.pages.contexts import Page
from content_server.site.pages.render import render

REMOTE = "/-/dieu-khien"


@dataclass(frozen=True)
class RemotePage(Page):
    """A phone as remote. What is on the wall, and the notes, come later."""

    template: ClassVar[str] = "remote.html"


@cache
def remote_page() -> bytes:
    """Return the page, the same for every code."""
    title = _("Điều khiển trình chiếu").said_in("vi")
    return render(RemotePage(tag="vi", address=REMOTE, title=title, languages=(), home="/"))
