"""Themes of drawn apps: close enough to be recognised, never a company's own colours."""

from collections.abc import Mapping
from dataclasses import dataclass

INK = "#161a2b"
QUIET = "#4a5068"  # 7:1 on every page colour below
FRAME = "#2b3150"  # the phone itself
GREY_SHAPE = "#c3c8d6"  # anonymous people
GOOD = "#17653c"
DANGER = "#a5141f"
SUN = "#ffb703"


@dataclass(frozen=True)
class Theme:
    """Colours and layout of one kind of app. Every colour is #rgb or #rrggbb."""

    bar: str  # behind status and title
    on_bar: str
    accent: str  # main buttons, icons; white words on it have 7:1
    tint: str  # a light tone of the accent, behind icons
    page: str
    card: str = "#fff"
    line: str = "#c6cbdb"
    ink: str = INK
    quiet: str = QUIET
    good: str = GOOD
    danger: str = DANGER
    out: str = "#d6e6fb"  # my own chat bubbles
    corner: int = 14  # radius of cards and buttons
    icon_corner: int = 20  # radius of the 40 px ground of a row's icon; 20 is a circle
    full_width_rows: bool = False  # lists reach from one side of the screen to the other
    search_in_bar: bool = False  # the search box is in the title bar (Zalo, a browser)
    grid_on_card: bool = True  # icon grids lie on a white card
    address_bar: bool = False  # the title is in a browser's address box
    tiles: tuple[str, ...] = ()  # full colours for the icons of a home screen, white on them


THEMES: Mapping[str, Theme] = {
    "bank": Theme("#0b5563", "#fff", "#0b5563", "#dcecee", "#f3f7f8"),
    "vneid": Theme("#95231f", "#fff", "#95231f", "#f8e3dc", "#fbf6f3", line="#dccbc6"),
    "zalo": Theme(
        "#0d4fa0", "#fff", "#0d4fa0", "#dde9f8", "#eaf0f7", search_in_bar=True, full_width_rows=True
    ),
    "store": Theme(
        "#fff", INK, "#0a6348", "#ddf0e7", "#fff", card="#f5f8f6", corner=24, icon_corner=11
    ),
    "sms": Theme("#fff", INK, "#3f3d9e", "#e4e4f6", "#fff", card="#eef0f6"),
    "portal": Theme("#e4e7ef", INK, "#1f4788", "#e1e9f5", "#fff", card="#f4f6fa", address_bar=True),
    "phone": Theme("#eef0f6", INK, "#2f4a7d", "#dfe6f3", "#eef0f6", corner=20),
    "wallpaper": Theme(
        "#27375f",
        "#fff",
        "#2f4a7d",
        "#dfe6f3",
        "#27375f",
        ink="#fff",
        quiet="#e3e7f2",
        grid_on_card=False,
        tiles=("#1d5fae", "#a12c27", "#0b6673", "#1b7048", "#7a3d8f", "#55607a"),
    ),
}


def theme_of(app: str, *, home: bool) -> Theme:
    """Return the theme of `app`; `home`: only icons are on the screen."""
    return THEMES["wallpaper" if app == "phone" and home else app]
