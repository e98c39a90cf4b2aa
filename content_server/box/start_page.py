"""The box's start page: what a hall of people photographs to come in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import segno
from markupsafe import Markup
from segno import helpers

from content_server.phrases import _
from content_server.site.course.manifest import Manifest
from content_server.site.pages.contexts import Page
from content_server.site.pages.render import render
from content_server.site.tree.rendition_index import weight

START = "/-/hop"


@dataclass(frozen=True)
class DoorView:
    """One address of the box, as words and as a QR."""

    url: str
    words: str
    qr: Markup


@dataclass(frozen=True)
class WifiView:
    """The Wi-Fi phones join, as words and as a QR."""

    name: str
    password: str  # empty: none is needed, or this visitor may not see it
    is_open: bool
    qr: Markup | None  # None: this visitor may not see the password


@dataclass(frozen=True)
class BoxPage(Page):
    """The start page of a village box."""

    template: ClassVar[str] = "box.html"

    wifi: WifiView | None
    doors: tuple[DoorView, ...]
    news: str
    news_fine: bool
    content: str  # "Nội dung ngày 24/11/2026 · gói số 113 · 16 bài"
    pack: str  # address of the pack, to carry on
    pack_weight: str


def box_page(
    manifest: Manifest,
    doors: Sequence[tuple[str, str]],
    wifi: WifiView | None,
    news: tuple[str, bool] = ("", True),
    pack: tuple[str, int] = ("", 0),
) -> bytes:
    """Return the start page. `doors`: (address, words); `pack`: address and size in bytes."""
    content = _(
        "Nội dung ngày {day} · gói số {number} · {lessons} bài · {languages}",
        day=manifest.day,
        number=manifest.sequence,
        lessons=manifest.lessons,
        languages=manifest.endonyms,
    )
    return render(
        BoxPage(
            tag="vi",
            address=START,
            title=str(_("Hộp bài học")),
            languages=(),
            home="/",
            wifi=wifi,
            doors=tuple(DoorView(url, words, _qr(url)) for url, words in doors),
            news=news[0],
            news_fine=news[1],
            content=str(content),
            pack=pack[0],
            pack_weight=weight(pack[1]),
        )
    )


def wifi_view(name: str, password: str, *, may_see: bool) -> WifiView | None:
    """Return how to join the Wi-Fi; None when it has no name. Who may not see gets no password."""
    if not name:
        return None
    security = "WPA" if password else None
    data = helpers.make_wifi_data(ssid=name, password=password or None, security=security)
    shown = not password or may_see
    return WifiView(
        name=name,
        password=password if may_see else "",
        is_open=not password,
        qr=_qr(data) if shown else None,
    )


def _qr(text: str) -> Markup:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, nl=False
    )
    return Markup(out.getvalue().decode())  # noqa: S704  # drawn by segno from modules alone
