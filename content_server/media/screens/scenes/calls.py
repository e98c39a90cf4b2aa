"""Scenes of calls and messages from strangers: hang up, never read out, never tap."""

from content_server.media.screens.scenes.papers import SceneDrawing
from content_server.media.screens.scenes.parts import (
    BROCADE,
    GREY,
    GREY_HAIR,
    INDIGO,
    INK,
    LEAF,
    LINE,
    SUN,
    TURBAN,
    draw_arm,
    draw_background,
    draw_body,
    draw_face,
    draw_held_phone,
    draw_person,
    draw_phone,
    draw_speech_balloon,
    draw_words,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Rectangle, translate_svg

_STRANGER = (  # a shape in a hood; nobody in particular
    '<path d="M-58 200V110c0-60 10-90 30-96-6-60 62-60 56 0 20 6 30 36 30 96v90z"'
    f' fill="#3b4159"{LINE}/>'
    f'<path d="M-18 0c0-34 36-34 36 0 0 30-36 30-36 0z" fill="{INK}"/>'
    '<path d="M-7-4h.1M7-4h.1" stroke="#fff" stroke-width="5"/>'
)
_BUST = _STRANGER.replace("V110", "V74").replace("200V", "78V").replace("v90z", "v4z")
HANDSET_DOWN = (  # the receiver laid down, as every phone shows it
    '<path d="M-21 8c-4-20 46-20 42 0l-1 4-12-3v-6H-8v6l-12 3z" fill="#fff"/>'
)
LINK = (  # a message with a link in it
    '<rect width="118" height="84" rx="14" fill="#e4e9f6"/>'
    '<path transform="translate(38 8)scale(1.7)" fill="none" stroke="#a5141f" stroke-width="2"'
    ' d="M10 14l4-4M9 9l2-2a4 4 0 0 1 6 6l-2 2M15 15l-2 2a4 4 0 0 1-6-6l2-2"/>'
    '<path d="M16 62h86M16 73h50" stroke="#9aa1b5" stroke-width="5"/>'
)


def draw_hang_up() -> SceneDrawing:
    """Draw a stranger's call on a big phone and the red button that ends it."""
    screen = (
        '<rect width="158" height="284" rx="13" fill="#20264a"/>'
        + translate_svg(
            79, 92, f'<circle r="54" fill="{GREY}"/><g transform="scale(.52)">{_BUST}</g>'
        )
        + '<path d="M52 168h54" stroke="#7f88ad" stroke-width="7"/>'
        f'<circle cx="79" cy="230" r="34" fill="{BROCADE}"/>' + translate_svg(79, 230, HANDSET_DOWN)
    )
    svg = draw_background() + draw_held_phone(95, 24, 170, 300, screen)
    return svg, {"phone": Rectangle(142, 224, 76, 76)}


def draw_read_out() -> SceneDrawing:
    """Draw somebody reading a secret code aloud to a stranger: what not to do."""
    code = WORDS["read-out"][0]
    speaker = draw_person(104, 240, draw_body(INDIGO) + draw_face("open", old=True) + TURBAN)
    ear = draw_phone(136, 206, 34, 66) + draw_arm("M170 372c16-40 12-70-10-100", INDIGO, 158, 266)
    speech = draw_speech_balloon(
        Rectangle(96, 96, 176, 60),
        "M132 150l-6 34 34-34",
        draw_words(code, 184, 133, 20, ' font-weight="600"'),
    )
    coins = "".join(
        f'<circle cx="{x}" cy="{y}" r="13" fill="{SUN}"{LINE}/>'
        for x, y in ((268, 362), (292, 352), (316, 362))
    )
    stranger = translate_svg(290, 232, _STRANGER) + draw_phone(246, 224, 24, 48)
    svg = draw_background() + stranger + coins + speaker + ear + speech
    return svg, {"phone": Rectangle(124, 208, 60, 76)}


def draw_throw_link() -> SceneDrawing:
    """Draw a stranger's link thrown into the bin."""
    message = translate_svg(20, 40, LINK)
    crossed = '<path d="M24 44l110 76" stroke="#d62839" stroke-width="9"/>'
    held = draw_phone(34, 52, 170, 286, message + crossed)
    thrown = (
        '<path d="M196 130c60-30 92 0 92 70" fill="none" stroke="#4a5068" stroke-width="4"'
        ' stroke-dasharray="2 12"/>'
    )
    can = (
        f'<path d="M238 236h100l-10 120h-80z" fill="{LEAF}"{LINE}/>'
        f'<path d="M230 224h116v16H230z" fill="#2b9160"{LINE}/>'
        '<path d="M268 258l4 78M288 258v78M308 258l-4 78" stroke="#fffdf7" stroke-width="4"/>'
    )
    paper = translate_svg(262, 172, f'<g transform="rotate(14)scale(.45)">{LINK}</g>')
    return draw_background() + held + thrown + paper + can, {"phone": Rectangle(50, 92, 138, 100)}


def draw_phone_hand() -> SceneDrawing:
    """Draw a phone in a hand, a message with a link on its glass."""
    lines = '<path d="M20 148h118M20 168h96M20 188h106" stroke="#d5dae8" stroke-width="8"/>'
    top = (
        f'<path d="M0 40V13a13 13 0 0 1 13-13h132a13 13 0 0 1 13 13v27z" fill="{INDIGO}"/>'
        '<path d="M16 20h60" stroke="#fff" stroke-width="6"/>'
    )
    svg = draw_background() + draw_held_phone(
        95, 24, 170, 300, top + translate_svg(20, 52, LINK) + lines
    )
    return svg, {"screen": Rectangle(111, 76, 138, 96)}


def draw_wait_message() -> SceneDrawing:
    """Draw an old man waiting by his phone for a message."""
    old_man = draw_person(
        112, 196, draw_body("#3d4a7a") + draw_face("calm", old=True) + GREY_HAIR, 1.1
    )
    table = (
        f'<path d="M0 330h360v46a24 24 0 0 1-24 24H24a24 24 0 0 1-24-24z" fill="#b98a5a"{LINE}/>'
    )
    lying = draw_phone(204, 262, 62, 100)
    mail = (
        '<g transform="translate(208 150)">'
        f'<rect width="96" height="66" rx="10" fill="#fff"{LINE}/>'
        f'<path d="M4 8l44 32L92 8" fill="none"{LINE}/>'
        f'<circle cx="94" cy="2" r="13" fill="{BROCADE}"/></g>'
    )
    clock = (
        f'<circle cx="262" cy="70" r="40" fill="#fff"{LINE}/>'
        f'<path d="M262 44v26l18 12" fill="none"{LINE}/>'
    )
    return draw_background() + clock + old_man + table + lying + mail, {
        "phone": Rectangle(200, 258, 70, 108)
    }
