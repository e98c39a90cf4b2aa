"""Scenes of people helping: the commune police, the health station, a helper, a family."""

from content_server.media.screens.scenes.papers import SceneDrawing
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
    draw_arm,
    draw_background,
    draw_body,
    draw_face,
    draw_person,
    draw_phone,
    draw_sign,
    draw_small_card,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Rectangle, translate_svg

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


def draw_police_counter() -> SceneDrawing:
    """Draw the commune police's counter with an identity card on it."""
    officer = draw_person(
        180, 150, draw_body(LEAF, brocade=False) + _TABS + draw_face("smile") + CAP, 1.05
    )
    card = draw_small_card(200, 316, "#c9963a", 92)
    villager = draw_person(84, 326, draw_body(INDIGO, brocade=False) + FROM_BEHIND)
    svg = (
        draw_background()
        + draw_sign(WORDS["police-counter"][0])
        + officer
        + COUNTER
        + card
        + villager
    )
    return svg, {"counter": Rectangle(100, 92, 160, 190), "card": Rectangle(194, 308, 104, 70)}


_TABS = (
    f'<path d="M-16 44L0 66l16-22" fill="none"{LINE}/>'
    f'<path d="M-58 70l18-12M58 70L40 58" stroke="{BROCADE}" stroke-width="8"/>'
    '<path d="M0 70v80" stroke="#14532f" stroke-width="3"/>'
)


def draw_health_desk() -> SceneDrawing:
    """Draw the desk of the health station: a phone that shows the card, and a card."""
    coat = draw_body("#fff", brocade=False) + COAT
    nurse = draw_person(216, 152, coat + draw_face() + NURSE_CAP, 1.05, LONG_HAIR)
    shown = draw_arm("M10 400c10-50 40-90 76-110", INDIGO, 84, 292) + draw_phone(
        66, 190, 80, 130, _CARD_ON_GLASS
    )
    thumb = f'<path d="M64 296c-2-24 8-34 20-30 8 4 6 14 2 30z" fill="#f1cba4"{LINE}/>'
    card = draw_small_card(232, 322, BROCADE, 88)
    svg = (
        draw_background()
        + draw_sign(WORDS["health-desk"][0])
        + nurse
        + COUNTER
        + card
        + shown
        + thumb
    )
    return svg, {"phone": Rectangle(62, 186, 88, 138), "card": Rectangle(226, 314, 100, 70)}


COAT = (
    f'<path d="M-16 44L0 84l16-40M0 84v66" fill="none"{LINE}/>'
    f'<path d="M34 92v20M24 102h20" stroke="{BROCADE}" stroke-width="6"/>'
)


def draw_ask_helper() -> SceneDrawing:
    """Draw a young helper of the village beside an old woman with a phone."""
    elder = draw_person(106, 220, draw_body(INDIGO) + draw_face("smile", old=True) + TURBAN, 1.1)
    helper = draw_person(
        254, 190, draw_body("#2f7fb5", brocade=False) + draw_face("smile") + SHORT_HAIR, 1.1
    )
    badge = (
        f'<rect x="282" y="270" width="30" height="38" rx="5" fill="#fff"{LINE}/>'
        f'<path d="M290 290l6 6 10-12" fill="none" stroke="{LEAF}" stroke-width="4"/>'
    )
    held = (
        draw_arm("M60 384c20-6 60-14 92-34", INDIGO, 158, 346)
        + draw_phone(150, 262, 62, 104, translate_svg(-5, -5, _PLAYING))
        + draw_arm("M316 384c-30 0-70-20-92-54", "#2f7fb5", 214, 318)
    )
    return draw_background() + helper + badge + elder + held, {
        "helper": Rectangle(196, 130, 120, 130)
    }


def draw_family_show() -> SceneDrawing:
    """Draw a grandmother showing a phone to her family."""
    father = draw_person(252, 130, draw_body("#3d4a7a") + draw_face("smile") + SHORT_HAIR)
    child = draw_person(
        272, 262, draw_body(BROCADE, brocade=False) + draw_face("smile") + BUN, 0.85
    )
    elder = draw_person(
        94, 196, GREY_HAIR + draw_body(INDIGO) + draw_face("smile", old=True) + TURBAN, 1.15
    )
    held = draw_phone(136, 238, 72, 116, _PLAYING) + draw_arm(
        "M60 384c30 4 62-10 82-38", INDIGO, 146, 338
    )
    return draw_background() + father + elder + child + held, {
        "phone": Rectangle(132, 234, 80, 124)
    }


_PLAYING = translate_svg(
    30,
    46,
    f'<circle r="20" fill="{LEAF}"/><path d="M-6-9l16 9-16 9z" fill="#fff"/>',
)
