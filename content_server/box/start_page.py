"""The start page of a village box: QR codes for the Wi-Fi and for its addresses."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import segno
from markupsafe import Markup
from segno import helpers

from content_server import urls
from content_server.phrases import _
from content_server.site.course.manifest import CourseManifest
from content_server.site.pages.contexts import PageContext
from content_server.site.pages.render import render_page
from content_server.site.tree.rendition_index import format_size


@dataclass(frozen=True)
class AddressView:
    """One address of the box, as text and as a QR code."""

    url: str
    label: str
    qr: Markup


@dataclass(frozen=True)
class WifiView:
    """The Wi-Fi that phones join, as text and as a QR code."""

    name: str
    password: str  # "": none is needed, or the visitor may not see it
    is_open: bool
    qr: Markup | None  # None: the visitor may not see the password


@dataclass(frozen=True)
class BoxStartPage(PageContext):
    """The context of the start page of a village box."""

    template: ClassVar[str] = "box.html"

    wifi: WifiView | None
    addresses: tuple[AddressView, ...]
    notice: str
    notice_succeeded: bool
    content: str  # "Nội dung ngày 24/11/2026 · gói số 113 · 16 bài"
    pack_path: str  # address of the pack, to download
    pack_size: str


def render_box_start_page(
    manifest: CourseManifest,
    addresses: Sequence[tuple[str, str]],
    wifi: WifiView | None,
    notice: tuple[str, bool] = ("", True),
    pack: tuple[str, int] = ("", 0),
) -> bytes:
    """Return the start page.

    `addresses` are (address, label), `notice` is (text, succeeded), `pack` is (address, bytes).
    """
    content = _(
        "Nội dung ngày {day} · gói số {number} · {lessons} bài · {languages}",
        day=manifest.formatted_date,
        number=manifest.sequence,
        lessons=manifest.lessons,
        languages=manifest.endonyms,
    )
    return render_page(
        BoxStartPage(
            tag="vi",
            address=urls.BOX_START,
            title=str(_("Hộp bài học")),
            languages=(),
            home="/",
            wifi=wifi,
            addresses=tuple(AddressView(url, label, _qr_svg(url)) for url, label in addresses),
            notice=notice[0],
            notice_succeeded=notice[1],
            content=str(content),
            pack_path=pack[0],
            pack_size=format_size(pack[1]),
        )
    )


def make_wifi_view(name: str, password: str, *, may_see: bool) -> WifiView | None:
    """Return how to join the Wi-Fi; None when it has no name. Without `may_see`, no password."""
    if not name:
        return None
    security = "WPA" if password else None
    data = helpers.make_wifi_data(ssid=name, password=password or None, security=security)
    may_join = not password or may_see
    return WifiView(
        name=name,
        password=password if may_see else "",
        is_open=not password,
        qr=_qr_svg(data) if may_join else None,
    )


def _qr_svg(text: str) -> Markup:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, nl=False
    )
    return Markup(out.getvalue().decode())  # noqa: S704  # drawn by segno from modules alone
