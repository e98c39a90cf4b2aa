"""Scenes of calls and messages from strangers: hang up, never read out, never tap."""

from content_server.media.screens.scenes.papers import Scenery
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
    arm,
    background,
    balloon,
    body,
    face,
    holding,
    person,
    phone,
    words,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Box, at

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


def hang_up() -> Scenery:
    """Draw a stranger's call on a big phone and the red button that ends it."""
    screen = (
        '<rect width="158" height="284" rx="13" fill="#20264a"/>'
        + at(79, 92, f'<circle r="54" fill="{GREY}"/><g transform="scale(.52)">{_BUST}</g>')
        + '<path d="M52 168h54" stroke="#7f88ad" stroke-width="7"/>'
        f'<circle cx="79" cy="230" r="34" fill="{BROCADE}"/>' + at(79, 230, HANDSET_DOWN)
    )
    svg = background() + holding(95, 24, 170, 300, screen)
    return svg, {"phone": Box(142, 224, 76, 76)}


def read_out() -> Scenery:
    """Draw somebody reading a secret code aloud to a stranger: what not to do."""
    code = WORDS["read-out"][0]
    speaker = person(104, 240, body(INDIGO) + face("open", old=True) + TURBAN)
    ear = phone(136, 206, 34, 66) + arm("M170 372c16-40 12-70-10-100", INDIGO, 158, 266)
    said = balloon(
        Box(96, 96, 176, 60),
        "M132 150l-6 34 34-34",
        words(code, 184, 133, 20, ' font-weight="600"'),
    )
    coins = "".join(
        f'<circle cx="{x}" cy="{y}" r="13" fill="{SUN}"{LINE}/>'
        for x, y in ((268, 362), (292, 352), (316, 362))
    )
    stranger = at(290, 232, _STRANGER) + phone(246, 224, 24, 48)
    svg = background() + stranger + coins + speaker + ear + said
    return svg, {"phone": Box(124, 208, 60, 76)}


def throw_link() -> Scenery:
    """Draw a stranger's link thrown into the bin."""
    message = at(20, 40, LINK)
    crossed = '<path d="M24 44l110 76" stroke="#d62839" stroke-width="9"/>'
    held = phone(34, 52, 170, 286, message + crossed)
    thrown = (
        '<path d="M196 130c60-30 92 0 92 70" fill="none" stroke="#4a5068" stroke-width="4"'
        ' stroke-dasharray="2 12"/>'
    )
    can = (
        f'<path d="M238 236h100l-10 120h-80z" fill="{LEAF}"{LINE}/>'
        f'<path d="M230 224h116v16H230z" fill="#2b9160"{LINE}/>'
        '<path d="M268 258l4 78M288 258v78M308 258l-4 78" stroke="#fffdf7" stroke-width="4"/>'
    )
    paper = at(262, 172, f'<g transform="rotate(14)scale(.45)">{LINK}</g>')
    return background() + held + thrown + paper + can, {"phone": Box(50, 92, 138, 100)}


def phone_hand() -> Scenery:
    """Draw a phone in a hand, a message with a link on its glass."""
    lines = '<path d="M20 148h118M20 168h96M20 188h106" stroke="#d5dae8" stroke-width="8"/>'
    top = (
        f'<path d="M0 40V13a13 13 0 0 1 13-13h132a13 13 0 0 1 13 13v27z" fill="{INDIGO}"/>'
        '<path d="M16 20h60" stroke="#fff" stroke-width="6"/>'
    )
    svg = background() + holding(95, 24, 170, 300, top + at(20, 52, LINK) + lines)
    return svg, {"screen": Box(111, 76, 138, 96)}


def wait_message() -> Scenery:
    """Draw an old man waiting by his phone for a message."""
    waiting = person(112, 196, body("#3d4a7a") + face("calm", old=True) + GREY_HAIR, 1.1)
    table = (
        f'<path d="M0 330h360v46a24 24 0 0 1-24 24H24a24 24 0 0 1-24-24z" fill="#b98a5a"{LINE}/>'
    )
    lying = phone(204, 262, 62, 100)
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
    return background() + clock + waiting + table + lying + mail, {"phone": Box(200, 258, 70, 108)}
