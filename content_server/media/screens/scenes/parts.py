"""Parts of scenes: the background, people of the highlands, phones, papers, counters."""

from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.shapes import Rectangle, rect_svg, translate_svg
from content_server.media.screens.text_layout import (
    TextLines,
    fmt,
    text_svg,
    width_attributes,
)

INK, INDIGO, SUN, LEAF, PAPER, BROCADE = (
    "#161a2b",
    "#1d2b64",
    "#ffb703",
    "#1f7a4d",
    "#fffdf7",
    "#d62839",
)
SKIN, SKIN_SHADE = "#f1cba4", "#e2b184"
GREY, PALE = "#9aa1b5", "#e9edf7"
LINE = f' stroke="{INK}" stroke-width="3"'  # every outline of a scene


def draw_background() -> str:
    """Return a calm sky with hills."""
    return (
        f'<rect width="360" height="400" rx="24" fill="{PALE}"/>'
        '<path d="M0 210l62-62 44 38 78-84 66 70 40-34 70 64v174a24 24 0 0 1-24 24H24'
        'a24 24 0 0 1-24-24z" fill="#d5def1"/>'
        '<path d="M0 262c60-44 110-30 170-6s120 14 190-24v144a24 24 0 0 1-24 24H24'
        'a24 24 0 0 1-24-24z" fill="#cfe5d6"/>'
    )


COUNTER = (
    f'<path d="M0 288h360v88a24 24 0 0 1-24 24H24a24 24 0 0 1-24-24z" fill="#b98a5a"{LINE}/>'
    f'<path d="M0 288h360v20H0z" fill="#d4a673"{LINE}/>'
)


def draw_ribbon(path: str, width: float = 9) -> str:
    """Return a brocade ribbon along `path`: red with yellow stitches."""
    return (
        f'<g fill="none"><path d="{path}" stroke="{BROCADE}" stroke-width="{width:g}"'
        f' stroke-linecap="butt"/><path d="{path}" stroke="{SUN}" stroke-width="{width / 3:g}"'
        ' stroke-dasharray="1 8"/></g>'
    )


def draw_face(mouth: str = "smile", *, old: bool = False) -> str:
    """Return a simple face round 0, 0, some 56 px high."""
    mouths = {
        "smile": "M-10 12c6 8 14 8 20 0",
        "calm": "M-8 14h16",
        "open": "M-6 12a6 6 0 0 0 12 0z",
        "worried": "M-9 17c6-6 12-6 18 0",
    }
    lines = "M-22 8c2 4 2 6 0 10M22 8c-2 4-2 6 0 10M-8-14h16" if old else ""
    return (
        f'<path d="M-28-4c0-40 56-40 56 0 0 46-56 46-56 0z" fill="{SKIN}"{LINE}/>'
        f'<path d="M-11-2h.1M11-2h.1" stroke="{INK}" stroke-width="6"/>'
        f'<path d="{mouths[mouth]}" fill="none"{LINE}/>'
        + (f'<path d="{lines}" fill="none" stroke="{SKIN_SHADE}" stroke-width="2"/>' if old else "")
    )


TURBAN = (
    f'<path d="M-34-6c-8-52 76-52 68 0-18-14-50-14-68 0z" fill="{INDIGO}"{LINE}/>'
    + draw_ribbon("M-31-13c18-12 44-12 62 0", 8)
)
SHORT_HAIR = f'<path d="M-29-4c-8-46 66-46 58 0-6-14-12-18-18-18-14 4-30 2-40 18z" fill="{INK}"/>'
GREY_HAIR = (
    '<path d="M-30-2c-10-46 70-46 60 0-6-14-14-18-30-18s-24 4-30 18z" fill="#c9ccd8"' + LINE + "/>"
)
BUN = (
    f'<circle cx="0" cy="-40" r="12" fill="{INK}"/>'
    f'<path d="M-31 4c-10-54 72-54 62 0-6-18-16-24-31-24S-25-14-31 4z" fill="{INK}"/>'
)


LONG_HAIR = f'<path d="M-34 44c-6-100 74-100 68 0z" fill="{INK}"/>'
FROM_BEHIND = f'<path d="M-30 0c0-44 60-44 60 0 0 44-60 44-60 0z" fill="{INK}"/>' + TURBAN


def draw_body(jacket: str, *, brocade: bool = True) -> str:
    """Return shoulders and chest below a face at 0, 0, down to the picture's lower edge."""
    shape = "M-74 270V140c0-60 24-94 56-98 6 12 30 12 36 0 32 4 56 38 56 98v130z"
    ribbon = draw_ribbon("M-18 43L0 78l18-35M0 78v190") if brocade else ""
    return f'<path d="{shape}" fill="{jacket}"{LINE}/>{ribbon}'


def draw_person(x: float, y: float, parts: str, scale: float = 1, behind: str = "") -> str:
    """Return someone with the middle of the face at x, y; `behind` is hair behind the neck."""
    larger = "" if scale == 1 else f"scale({fmt(scale)})"
    neck = f'<path d="M-12 20v26c6 8 18 8 24 0V20z" fill="{SKIN_SHADE}"/>'
    return f'<g transform="translate({fmt(x)} {fmt(y)}){larger}">{behind}{neck}{parts}</g>'


def draw_arm(path: str, sleeve: str, end_x: float, end_y: float) -> str:
    """Return an arm along `path` with a hand at its end."""
    return (
        f'<g fill="none"><path d="{path}" stroke="{INK}" stroke-width="30"/>'
        f'<path d="{path}" stroke="{sleeve}" stroke-width="24"/></g>'
        f'<circle cx="{fmt(end_x)}" cy="{fmt(end_y)}" r="15" fill="{SKIN}"{LINE}/>'
    )


def draw_phone(x: float, y: float, width: float, height: float, inside: str = "") -> str:
    """Return a phone; `inside` is drawn with the glass's upper left corner as the origin."""
    corner = max(6, round(width / 10))
    return translate_svg(
        x,
        y,
        f'<rect width="{fmt(width)}" height="{fmt(height)}" rx="{corner}" fill="{INK}"/>'
        f'<rect x="6" y="8" width="{fmt(width - 12)}" height="{fmt(height - 16)}"'
        f' rx="{corner - 3}" fill="{PAPER}"/>' + translate_svg(6, 8, inside),
    )


def draw_held_phone(x: float, y: float, width: float, height: float, inside: str) -> str:
    """Return a big phone held from below in one hand, the thumb at its side."""
    palm = (
        f"M{fmt(x + width * 0.2)} 400c-30-40-40-70-34-120 4-30 30-20 {fmt(width * 0.5)} 0"
        f"h{fmt(width * 0.45)}c26 0 30 60 0 120z"
    )
    thumb = f"M{fmt(x - 4)} {fmt(y + height - 30)}c-12-30-8-60 6-74 12-10 22 2 18 16l-6 44z"
    fingers = "".join(
        f'<rect x="{fmt(x + width - 12)}" y="{fmt(y + height - 110 + 30 * index)}"'
        f' width="30" height="26" rx="13" fill="{SKIN}"{LINE}/>'
        for index in range(3)
    )
    return (
        f'<path d="{palm}" fill="{SKIN}"{LINE}/>{fingers}'
        + draw_phone(x, y, width, height, inside)
        + f'<path d="{thumb}" fill="{SKIN}"{LINE}/>'
    )


def draw_speech_balloon(box: Rectangle, tail: str, inside: str) -> str:
    """Return a speech balloon; `tail` is a path from the balloon to the speaker."""
    return (
        f'<path d="{tail}" fill="#fff"{LINE}/>'
        + rect_svg(box.x, box.y, box.width, box.height, 16, f' fill="#fff"{LINE}')
        + f'<path d="{tail}" fill="#fff"/>{inside}'
    )


def draw_words(  # noqa: PLR0913, PLR0917  # where, how large, and how much room
    text: str, x: float, y: float, size: float = 18, extra: str = "", max_width_px: float = 10_000
) -> str:
    """Return text centred at x; `extra` holds further attributes.

    In a font too wide for `max_width_px` it is kept as narrow as in Roboto bold.
    """
    size_is = f' font-size="{fmt(size)}"' if size != 18 else ""  # noqa: PLR2004  # the root's
    fixed_width = width_attributes(
        TextLines((text,), size, bold=True, max_width_px=max_width_px), text
    )
    return text_svg(text, x, y, f'{fixed_width}{size_is} text-anchor="middle"{extra}')


def draw_icon(name: IconName, x: float, y: float, scale: float, colour: str = INDIGO) -> str:
    """Return one of the screens' icons, its grid's corner at x, y."""
    return (
        f'<path transform="translate({x:g} {y:g})scale({scale:g})" fill="none"'
        f' stroke="{colour}" stroke-width="2" d="{ICONS[name]}"/>'
    )


def draw_sign(text: str) -> str:
    """Return the sign above a counter."""
    return (
        f'<rect x="70" y="18" width="220" height="46" rx="10" fill="{INDIGO}"{LINE}/>'
        + draw_words(text, 180, 48, 21, ' font-weight="600" fill="#fff"', 200)
    )


def draw_small_card(x: float, y: float, band: str, width: float = 84) -> str:
    """Return a little identity or insurance card lying flat."""
    height = round(width * 0.63)
    return translate_svg(
        x,
        y,
        f'<rect width="{fmt(width)}" height="{height}" rx="7" fill="#fff"{LINE}/>'
        f'<path d="M3 16h{fmt(width - 6)}" stroke="{band}" stroke-width="10"'
        ' stroke-linecap="butt"/>'
        f'<path d="M19 28a6 6 0 1 0 .1 0zM9 {height - 5}c0-14 20-14 20 0z" fill="{GREY}"/>'
        f'<path d="M38 31h{fmt(width - 50)}M38 41h{fmt(width - 60)}" stroke="{GREY}"'
        ' stroke-width="4"/>',
    )


def draw_highlight(box: Rectangle) -> str:
    """Return the yellow frame around the spot a scene points at."""
    frame = f' fill="none" stroke="{SUN}" stroke-width="6"'
    return rect_svg(box.x, box.y, box.width, box.height, 12, frame)
