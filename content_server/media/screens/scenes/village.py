"""Scenes of a village's own places: the market, the health station's bench, the commune's desk."""

from content_server.media.screens.scenes.papers import SceneDrawing, draw_held_bill
from content_server.media.screens.scenes.parts import (
    BROCADE,
    COUNTER,
    INDIGO,
    INK,
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
    draw_held_phone,
    draw_person,
    draw_phone,
    draw_sign,
    draw_words,
)
from content_server.media.screens.scenes.places import COAT, NURSE_CAP
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Rectangle, translate_svg

_AWNING = (  # a striped cloth over a stall
    f'<path d="M14 74L34 18h292l20 56z" fill="#fff"{LINE}/>'
    f'<path d="M14 74L34 18h48L70 74zM126 74l4-56h50v56zM236 74l-6-56h50l12 56z"'
    f' fill="{BROCADE}"/>'
    f'<path d="M14 74c0 26 56 26 56 0 0 26 56 26 56 0 0 26 54 26 54 0 0 26 56 26 56 0 0 26 56 26'
    f' 56 0 0 26 54 26 54 0z" fill="{SUN}"{LINE}/>'
)
_CABBAGE = (
    f'<circle r="25" fill="#7fbf6a"{LINE}/>'
    '<path d="M0 24C-16 10-16-8 0-24M0 24c16-14 16-32 0-48M0 24v-48" fill="none"'
    ' stroke="#d9efcf" stroke-width="3"/>'
)
_CORN = (
    f'<path d="M0-38c16 10 16 50 0 62-16-12-16-52 0-62z" fill="{SUN}"{LINE}/>'
    f'<path d="M0 26c-22-4-22-30-14-38 2 20 8 28 14 38zM0 26c22-4 22-30 14-38-2 20-8 28-14 38z"'
    f' fill="{LEAF}"{LINE}/>'
)
_FINDER = '<path d="M0 0h18v18H0zM4 4v10h10V4z" fill-rule="evenodd"/>'
_CODE = (  # looks like a QR code, 66 px wide, and leads nowhere
    f'<g fill="{INK}">{_FINDER}{translate_svg(48, 0, _FINDER)}{translate_svg(0, 48, _FINDER)}'
    '<path d="M24 0h6v12h6v6h-12zM38 4h6v10h-6zM24 24h8v8h-8zM0 26h14v6H0zM36 22h6v14h-6z'
    "M48 24h8v6h-8zM60 26h6v12h-6zM26 38h8v12h-8zM40 42h12v6H40zM24 56h14v10H24zM46 54h6v12h-6z"
    'M58 46h8v8h-8zM58 60h8v6h-8zM4 38h10v5H4z"/></g>'
)
_TICKED = (  # what any picture can pretend: a green tick
    f'<circle cx="60" cy="66" r="32" fill="{LEAF}"/>'
    '<path d="M45 67l11 11 20-24" fill="none" stroke="#fff" stroke-width="8"/>'
)
_BABY = (  # wrapped in a brocade sling
    f'<path d="M-40 6c0-34 80-34 80 0 6 40-20 56-40 56S-46 46-40 6z" fill="{BROCADE}"{LINE}/>'
    f'<path d="M-36 28c24 10 48 10 72 0" fill="none" stroke="{SUN}" stroke-width="5"'
    ' stroke-dasharray="1 8"/>'
    f'<circle cy="-12" r="24" fill="#f1cba4"{LINE}/>'
    f'<path d="M-24-16c4-28 44-28 48 0-12-8-36-8-48 0z" fill="{INDIGO}"{LINE}/>'
    f'<path d="M-8-8h.1M8-8h.1" stroke="{INK}" stroke-width="5"/>'
    f'<path d="M-5 1c3 4 7 4 10 0" fill="none"{LINE}/>'
)
_LIST = (  # a clipboard with lines
    f'<rect width="62" height="78" rx="6" fill="#b98a5a"{LINE}/>'
    '<path d="M7 12h48v60H7z" fill="#fffdf7"/>'
    f'<path d="M22 0h18v12H22z" fill="#9aa1b5"{LINE}/>'
    '<path d="M15 28h32M15 42h32M15 56h20" stroke="#9aa1b5" stroke-width="4"/>'
)
_FORM = (  # a form on the table
    f'<path d="M14 0h86l16 58H0z" fill="#fffdf7"{LINE}/>'
    '<path d="M26 14h62M24 27h70M20 41h48" stroke="#9aa1b5" stroke-width="4"/>'
    f'<path d="M84 46l28-34" stroke="{INDIGO}" stroke-width="6"/>'
)


def draw_water_bill() -> SceneDrawing:
    """Draw a water bill held in two hands; its route code is not the customer's."""
    spots = {
        "customer-code": Rectangle(44, 112, 272, 48),
        "route-code": Rectangle(44, 166, 272, 48),
        "amount": Rectangle(44, 274, 272, 48),
    }
    return draw_held_bill(WORDS["water-bill"], "water", "#6db3e0", "#d9ecf8"), spots


def draw_market_stall() -> SceneDrawing:
    """Draw a trader behind her stall, her QR board in front of her eyes."""
    trader = draw_person(128, 168, draw_body(INDIGO) + draw_face("smile", old=True) + TURBAN)
    goods = "".join(
        translate_svg(x, y, drawn)
        for x, y, drawn in (
            (60, 276, _CABBAGE),
            (112, 280, _CABBAGE),
            (160, 272, _CORN),
            (190, 276, _CORN),
        )
    )
    name = WORDS["market-stall"][0]
    board = translate_svg(
        216,
        142,
        f'<rect width="128" height="136" rx="10" fill="#fff"{LINE}/>'
        f'<path d="M46 136h36l12 24H34z" fill="#b98a5a"{LINE}/>' + translate_svg(31, 12, _CODE),
    ) + draw_words(name, 280, 258, 16, ' font-weight="600"', 112)
    svg = draw_background() + trader + _AWNING + COUNTER + goods + board
    return svg, {"qr": Rectangle(210, 136, 140, 172), "trader": Rectangle(78, 108, 100, 120)}


def draw_shown_screenshot() -> SceneDrawing:
    """Draw a customer holding out a picture of a transfer, which proves nothing."""
    customer = draw_person(
        240, 138, draw_body("#3d4a7a", brocade=False) + draw_face("smile") + SHORT_HAIR
    )
    caption = WORDS["shown-screenshot"][0]
    held = (
        draw_phone(52, 122, 132, 220, _TICKED)
        + draw_words(caption, 118, 262, 19, ' font-weight="600"', 108)
        + '<path d="M88 284h60M98 302h40" stroke="#c3c8d6" stroke-width="7"/>'
        + draw_arm("M300 248c18 60-40 74-104 58", "#3d4a7a", 188, 302)
    )
    goods = translate_svg(296, 318, _CABBAGE) + translate_svg(340, 316, _CABBAGE)
    return draw_background() + customer + COUNTER + goods + held, {
        "phone": Rectangle(46, 116, 144, 232)
    }


def draw_goods_photo() -> SceneDrawing:
    """Draw a phone taking a picture of a basket of maize."""
    basket = (
        "".join(translate_svg(x, y, _CORN) for x, y in ((48, 116), (110, 116), (79, 106)))
        + f'<path d="M22 128h114l-14 66H36z" fill="#d4a673"{LINE}/>'
        '<path d="M28 148h102M32 168h94M52 130l6 62M79 130v62M106 130l-6 62" fill="none"'
        ' stroke="#8a6136" stroke-width="3"/>'
    )
    glass = (
        '<rect width="158" height="284" rx="13" fill="#e8f1ea"/>'
        f'{basket}<path d="M0 218h158v53a13 13 0 0 1-13 13H13a13 13 0 0 1-13-13z" fill="{INK}"/>'
        f'<circle cx="79" cy="251" r="22" fill="#fff"/>'
        f'<circle cx="79" cy="251" r="16" fill="#fff"{LINE}/>'
    )
    svg = draw_background() + draw_held_phone(95, 24, 170, 300, glass)
    return svg, {"shutter": Rectangle(151, 254, 58, 58), "goods": Rectangle(112, 96, 136, 140)}


def draw_health_bench() -> SceneDrawing:
    """Draw a mother with her child on the health station's bench, a nurse writing them down."""
    coat = draw_body("#fff", brocade=False) + COAT
    nurse = draw_person(262, 156, coat + draw_face() + NURSE_CAP, 1, LONG_HAIR)
    writing = translate_svg(176, 246, _LIST) + draw_arm(
        "M322 238c14 60-40 72-80 64", "#fff", 234, 298
    )
    mother = draw_person(96, 178, draw_body(INDIGO) + draw_face("smile") + TURBAN)
    bench = f'<path d="M0 334h190v18H0zM8 352h16v48H8zM168 352h16v48h-16z" fill="#b98a5a"{LINE}/>'
    child = translate_svg(112, 286, _BABY) + draw_arm(
        "M38 258c-10 60 30 88 70 78", INDIGO, 116, 332
    )
    svg = (
        draw_background()
        + draw_sign(WORDS["health-bench"][0])
        + nurse
        + bench
        + mother
        + child
        + writing
    )
    return svg, {"nurse": Rectangle(212, 94, 100, 120), "child": Rectangle(66, 242, 94, 112)}


def draw_commune_desk() -> SceneDrawing:
    """Draw a commune officer sitting beside an old woman, a form and a phone on the table."""
    elder = draw_person(98, 184, draw_body(INDIGO) + draw_face("smile", old=True) + TURBAN)
    shirt = draw_body("#dfe9f7", brocade=False) + (
        f'<path d="M-16 44L0 64l16-20M0 64v90" fill="none"{LINE}/>'
        f'<path d="M26 84h24v14H26z" fill="{BROCADE}"/>'
    )
    officer = draw_person(262, 164, shirt + draw_face("smile") + SHORT_HAIR)
    between = (
        translate_svg(220, 316, _FORM)
        + draw_phone(146, 252, 62, 104)
        + draw_arm("M40 262c-16 64 50 96 96 80", INDIGO, 146, 336)
        + draw_arm("M322 244c16 56-40 78-98 62", "#dfe9f7", 212, 302)
    )
    svg = (
        draw_background()
        + draw_sign(WORDS["commune-desk"][0])
        + elder
        + officer
        + COUNTER
        + between
    )
    return svg, {
        "officer": Rectangle(212, 102, 100, 120),
        "papers": Rectangle(214, 310, 128, 70),
        "phone": Rectangle(142, 248, 70, 112),
    }
