"""Scenes of people helping: the commune police, the health station, a helper, a family."""

from content_server.media.screens.scenes.papers import Scenery
from content_server.media.screens.scenes.parts import (
    BROCADE,
    BUN,
    COUNTER,
    FROM_BEHIND,
    GREY_HAIR,
    INDIGO,
    LEAF,
    LINE,
    LONG_HAIR,
    SHORT_HAIR,
    SUN,
    TURBAN,
    arm,
    background,
    body,
    face,
    person,
    phone,
    sign,
    small_card,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Box, at

_CARD_ON_GLASS = (  # a small insurance card, as the phone shows it
    f'<rect x="6" y="14" width="56" height="40" rx="5" fill="#fff"{LINE}/>'
    f'<path d="M9 22h50" stroke="{BROCADE}" stroke-width="9" stroke-linecap="butt"/>'
    '<path d="M16 36h34M16 45h24" stroke="#9aa1b5" stroke-width="4"/>'
)
CAP = (  # a uniform cap with a plain yellow mark
    f'<path d="M-36-16c-6-34 78-34 72 0z" fill="{LEAF}"{LINE}/>'
    f'<path d="M-34-16h68l-8 10c-16-6-36-6-52 0z" fill="#14532f"{LINE}/>'
    f'<circle cy="-27" r="6" fill="{SUN}"/>'
)
NURSE_CAP = (
    f'<path d="M-30-20l6-24h48l6 24c-18-8-42-8-60 0z" fill="#fff"{LINE}/>'
    f'<path d="M0-41v16M-8-33H8" stroke="{BROCADE}" stroke-width="5"/>'
)


def police_counter() -> Scenery:
    """Draw the commune police's counter with an identity card on it."""
    officer = person(180, 150, body(LEAF, brocade=False) + _TABS + face("smile") + CAP, 1.05)
    card = small_card(200, 316, "#c9963a", 92)
    villager = person(84, 326, body(INDIGO, brocade=False) + FROM_BEHIND)
    svg = background() + sign(WORDS["police-counter"][0]) + officer + COUNTER + card + villager
    return svg, {"counter": Box(100, 92, 160, 190), "card": Box(194, 308, 104, 70)}


_TABS = (
    f'<path d="M-16 44L0 66l16-22" fill="none"{LINE}/>'
    f'<path d="M-58 70l18-12M58 70L40 58" stroke="{BROCADE}" stroke-width="8"/>'
    '<path d="M0 70v80" stroke="#14532f" stroke-width="3"/>'
)


def health_desk() -> Scenery:
    """Draw the desk of the health station: a phone that shows the card, and a card."""
    coat = body("#fff", brocade=False) + COAT
    nurse = person(216, 152, coat + face() + NURSE_CAP, 1.05, LONG_HAIR)
    shown = arm("M10 400c10-50 40-90 76-110", INDIGO, 84, 292) + phone(
        66, 190, 80, 130, _CARD_ON_GLASS
    )
    thumb = f'<path d="M64 296c-2-24 8-34 20-30 8 4 6 14 2 30z" fill="#f1cba4"{LINE}/>'
    card = small_card(232, 322, BROCADE, 88)
    svg = background() + sign(WORDS["health-desk"][0]) + nurse + COUNTER + card + shown + thumb
    return svg, {"phone": Box(62, 186, 88, 138), "card": Box(226, 314, 100, 70)}


COAT = (
    f'<path d="M-16 44L0 84l16-40M0 84v66" fill="none"{LINE}/>'
    f'<path d="M34 92v20M24 102h20" stroke="{BROCADE}" stroke-width="6"/>'
)


def ask_helper() -> Scenery:
    """Draw a young helper of the village beside an old woman with a phone."""
    elder = person(106, 220, body(INDIGO) + face("smile", old=True) + TURBAN, 1.1)
    helper = person(254, 190, body("#2f7fb5", brocade=False) + face("smile") + SHORT_HAIR, 1.1)
    badge = (
        f'<rect x="282" y="270" width="30" height="38" rx="5" fill="#fff"{LINE}/>'
        f'<path d="M290 290l6 6 10-12" fill="none" stroke="{LEAF}" stroke-width="4"/>'
    )
    held = (
        arm("M60 384c20-6 60-14 92-34", INDIGO, 158, 346)
        + phone(150, 262, 62, 104, at(-5, -5, _PLAYING))
        + arm("M316 384c-30 0-70-20-92-54", "#2f7fb5", 214, 318)
    )
    return background() + helper + badge + elder + held, {"helper": Box(196, 130, 120, 130)}


def family_show() -> Scenery:
    """Draw a grandmother showing a phone to her family."""
    father = person(252, 130, body("#3d4a7a") + face("smile") + SHORT_HAIR)
    child = person(272, 262, body(BROCADE, brocade=False) + face("smile") + BUN, 0.85)
    elder = person(94, 196, GREY_HAIR + body(INDIGO) + face("smile", old=True) + TURBAN, 1.15)
    held = phone(136, 238, 72, 116, _PLAYING) + arm("M60 384c30 4 62-10 82-38", INDIGO, 146, 338)
    return background() + father + elder + child + held, {"phone": Box(132, 234, 80, 124)}


_PLAYING = at(
    30,
    46,
    f'<circle r="20" fill="{LEAF}"/><path d="M-6-9l16 9-16 9z" fill="#fff"/>',
)
