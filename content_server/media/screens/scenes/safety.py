"""Scenes of staying safe: a masked caller, a lost phone, the SIM shop."""

from content_server.media.screens.scenes.papers import SceneDrawing
from content_server.media.screens.scenes.parts import (
    BROCADE,
    COUNTER,
    GREY_HAIR,
    INDIGO,
    INK,
    LINE,
    LONG_HAIR,
    SHORT_HAIR,
    SKIN,
    SUN,
    TURBAN,
    draw_arm,
    draw_background,
    draw_body,
    draw_face,
    draw_icon,
    draw_person,
    draw_phone,
    draw_sign,
    draw_small_card,
    draw_speech_balloon,
    draw_words,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Rectangle, translate_svg

_MASKED = (  # a figure in a hood and a mask; nobody in particular
    '<path d="M-66 200V104c0-62 12-90 36-98-8-66 68-66 60 0 24 8 36 36 36 98v96z"'
    f' fill="#3b4159"{LINE}/>'
    f'<path d="M-24 0c0-44 48-44 48 0 0 40-48 40-48 0z" fill="#d8b48d"{LINE}/>'
    f'<path d="M-24 0c14 6 34 6 48 0 0 40-48 40-48 0z" fill="{INK}"/>'
    f'<path d="M-9-11h.1M9-11h.1M-18-22l12 4M18-22l-12 4" stroke="{INK}" stroke-width="5"/>'
)
BANK = (  # a small house with columns, 120 px wide
    f'<path d="M2 40h116L60 0z" fill="{SUN}"{LINE}/>'
    f'<path d="M14 40v54M38 40v54M82 40v54M106 40v54M0 96h120" fill="none"{LINE}/>'
    f'<path d="M50 96V60h20v36z" fill="{INDIGO}"{LINE}/>'
)
_SIM = (
    f'<path d="M0 0h48l16 16v66H0z" fill="{SUN}"{LINE}/>'
    f'<path d="M14 34h36v34H14zM14 51h36M32 34v34" fill="#fff0c2"{LINE}/>'
)


def draw_masked_call() -> SceneDrawing:
    """Draw somebody masked, in the shadow, who calls an old woman and hurries her."""
    shadow = '<path d="M196 0h140a24 24 0 0 1 24 24v352a24 24 0 0 1-24 24H132z" fill="#59607a"/>'
    caller = translate_svg(276, 186, f'<g transform="scale(1.1)">{_MASKED}</g>') + draw_phone(
        222, 178, 26, 52
    )
    elder = draw_person(92, 250, draw_body(INDIGO) + draw_face("worried", old=True) + TURBAN)
    ear = draw_phone(124, 220, 34, 66) + draw_arm("M160 384c14-40 10-72-12-100", INDIGO, 146, 280)
    shout = draw_speech_balloon(
        Rectangle(28, 36, 190, 96),
        "M172 126l40 44 2-50",
        draw_icon("bolt", 44, 48, 3, BROCADE) + draw_icon("warning", 124, 48, 3, BROCADE),
    )
    return draw_background() + shadow + caller + elder + ear + shout, {
        "phone": Rectangle(112, 210, 64, 84)
    }


def draw_lost_phone() -> SceneDrawing:
    """Draw an old woman who feels in her bag: the phone is gone."""
    elder = draw_person(116, 196, draw_body(INDIGO) + draw_face("worried", old=True) + TURBAN, 1.1)
    bag = (
        f'<path d="M186 262c4-40 60-40 66 0" fill="none"{LINE}/>'
        f'<path d="M170 262h98l10 106H160z" fill="{BROCADE}"{LINE}/>'
        f'<path d="M164 326h110M162 346h114" stroke="{SUN}" stroke-width="5"'
        ' stroke-dasharray="1 9"/>'
    )
    arm_and_fingers = draw_arm("M150 372c10-40 34-66 60-80", INDIGO, 214, 286)
    thought = (
        f'<circle cx="284" cy="96" r="62" fill="#fff"{LINE}/>'
        f'<circle cx="214" cy="160" r="11" fill="#fff"{LINE}/>'
        f'<circle cx="192" cy="178" r="6" fill="#fff"{LINE}/>'
        '<rect x="258" y="48" width="52" height="96" rx="9" fill="none" stroke="#4a5068"'
        ' stroke-width="4" stroke-dasharray="2 11"/>'
        + draw_words("?", 284, 110, 40, f' font-weight="600" fill="{BROCADE}"')
    )
    return draw_background() + elder + bag + arm_and_fingers + thought, {
        "bag": Rectangle(158, 226, 124, 146)
    }


def draw_call_for_me() -> SceneDrawing:
    """Draw a grown-up child who calls the bank for an old man with no phone."""
    elder = draw_person(
        100, 226, draw_body("#3d4a7a") + draw_face("calm", old=True) + GREY_HAIR, 1.05
    )
    child = draw_person(
        258, 206, draw_body("#2f7fb5", brocade=False) + draw_face("open") + _FRINGE, 1.05, LONG_HAIR
    )
    ear = draw_phone(288, 176, 34, 66) + draw_arm(
        "M330 384c16-50 8-100-18-140", "#2f7fb5", 310, 236
    )
    bank = translate_svg(124, 26, BANK)
    waves = (
        '<path d="M196 160c-6-8-8-14-8-22M218 150c-4-6-4-10-4-14" fill="none" stroke="#4a5068"'
        ' stroke-width="4" stroke-dasharray="2 11"/>'
    )
    return draw_background() + bank + waves + elder + child + ear, {
        "helper": Rectangle(198, 140, 132, 130)
    }


_FRINGE = f'<path d="M-29-4c-6-46 64-46 58 0-10-16-30-22-58 0z" fill="{INK}"/>'


def draw_sim_counter() -> SceneDrawing:
    """Draw the counter of a network's shop: a SIM and an identity card on it."""
    clerk = draw_person(
        180, 150, draw_body("#2f7fb5", brocade=False) + draw_face("smile") + SHORT_HAIR, 1.05
    )
    sim = translate_svg(76, 314, f'<g transform="scale(.8)">{_SIM}</g>')
    card = draw_small_card(206, 318, "#c9963a", 92)
    svg = draw_background() + draw_sign(WORDS["sim-counter"][0]) + clerk + COUNTER + sim + card
    spots = {
        "counter": Rectangle(100, 92, 160, 190),
        "sim": Rectangle(66, 306, 72, 84),
        "card": Rectangle(198, 310, 108, 74),
    }
    return svg, spots


def draw_switch_off() -> SceneDrawing:
    """Draw a phone seen large, a thumb on the button at its side."""
    power = '<circle cx="88" cy="120" r="46" fill="#fff"/>' + draw_icon("power", 52, 84, 3, BROCADE)
    glass = f'<rect width="176" height="292" rx="13" fill="#20264a"/>{power}'
    button = f'<rect x="252" y="120" width="14" height="60" rx="6" fill="{BROCADE}"{LINE}/>'
    thumb = (
        f'<path d="M360 220c-30 10-60 4-90-34-14-18-8-40 10-40 20 0 30 20 80 14z" fill="{SKIN}"'
        f"{LINE}/>"
    )
    fingers = "".join(
        f'<rect x="56" y="{y}" width="32" height="28" rx="14" fill="{SKIN}"{LINE}/>'
        for y in (180, 212, 244)
    )
    svg = draw_background() + button + fingers + draw_phone(70, 46, 188, 308, glass) + thumb
    return svg, {"button": Rectangle(238, 104, 52, 92)}


def draw_card_to_phone() -> SceneDrawing:
    """Draw an identity card with its chip held against the back of a phone."""
    back = (
        f'<rect x="66" y="24" width="170" height="330" rx="22" fill="{INDIGO}"{LINE}/>'
        f'<rect x="84" y="42" width="60" height="60" rx="14" fill="#3d4a7a"{LINE}/>'
        f'<circle cx="114" cy="72" r="17" fill="{INK}"/>'
        f'<circle cx="114" cy="72" r="7" fill="#7f88ad"/>'
    )
    waves = (
        f'<path d="M132 146c12-12 38-12 50 0M142 158c8-8 22-8 30 0" fill="none" stroke="{SUN}"'
        ' stroke-width="6"/>'
    )
    card = translate_svg(
        96, 176, f'<g transform="scale(2.2)">{draw_small_card(0, 0, "#c9963a")}</g>'
    )
    chip = f'<path d="M228 224h34v28h-34zM228 238h34M245 224v28" fill="{SUN}"{LINE}/>'
    arm_and_fingers = (
        f'<path d="M360 250c-34-8-60 0-92 16-18 10-14 32 6 32 24 0 50 34 86 40z" fill="{SKIN}"'
        f"{LINE}/>"
    )
    return draw_background() + back + waves + card + chip + arm_and_fingers, {
        "card": Rectangle(88, 168, 200, 134)
    }
