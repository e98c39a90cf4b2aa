"""What a screen says: text, ticks, warnings, chat bubbles, dialogs and short notices."""

from content_server.media.screens import widgets
from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.painters.forms import button_colours, pressable
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    INSIDE_HEIGHT,
    INSIDE_WIDTH,
    Box,
    Piece,
    Style,
    at,
    font,
    icon,
    rect,
    silhouette,
    target,
)
from content_server.media.screens.text_layout import (
    block_of,
    fitted,
    lines_svg,
    middled,
    text_svg,
    width_px,
)
from content_server.media.screens.themes import INK, SUN

_MIDDLE = FLOW_WIDTH / 2
_BUBBLE_WIDTH = 246
_DIALOG_WIDTH = 300


def text(thing: widgets.Text, style: Style) -> Piece:
    """Draw a paragraph."""
    look = style.look
    size = style.font({"small": 15, "normal": 18, "big": 24}[thing.size])
    bold = thing.size == "big"
    words = block_of(thing.label, size, FLOW_WIDTH, bold=bold)
    ink = {"plain": look.ink, "quiet": look.quiet, "good": look.good, "danger": look.danger}
    fill = ink[thing.tone] if ink[thing.tone] != INK else ""
    centred = thing.align == "center"
    extra = font(size, bold=bold or thing.tone in {"good", "danger"}, fill=fill, middle=centred)
    svg = lines_svg(words, _MIDDLE if centred else 0, 0, extra)
    return Piece(svg, words.height_px, target(thing.id, 0, 0, FLOW_WIDTH, words.height_px))


def tick(thing: widgets.Tick, style: Style) -> Piece:
    """Draw a big tick with words below."""
    look, size = style.look, style.font(22)
    words = block_of(thing.label, size, FLOW_WIDTH, bold=True)
    svg = f'<circle cx="156" cy="40" r="36" fill="{look.good}"/>'
    svg += '<path d="M139 41l12 12 22-24" fill="none" stroke="#fff" stroke-width="7"/>'
    svg += lines_svg(words, _MIDDLE, 84, font(size, bold=True, fill=look.good, middle=True))
    height = 84 + words.height_px
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def warned(thing: widgets.Warned, style: Style) -> Piece:
    """Draw a warning triangle with words beside it."""
    words = fitted(thing.label, style.font(18), FLOW_WIDTH - 84, lines=8, bold=True, smallest=14)
    height = max(64, words.height_px + 20)
    svg = rect(0, 0, FLOW_WIDTH, height, 14, ' fill="#fff3d1" stroke="#e0a100" stroke-width="2"')
    svg += (
        f'<path transform="translate(14 {height / 2 - 22:g})" fill="{SUN}" stroke="{INK}"'
        f' stroke-width="3" d="M21 3L3 39h36zM21 15v11M21 33h.1"/>'
    )
    svg += middled(words, 70, height / 2, font(words.size, bold=True))
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def round_button(thing: widgets.Round, style: Style) -> Piece:
    """Draw one big round button with its name below."""
    fill, edge, ink = button_colours(style.look, thing.look)
    words = fitted(thing.label, style.font(17), FLOW_WIDTH, lines=2, bold=True, smallest=13)
    line = f' stroke="{edge}" stroke-width="2"' if edge else ""
    mark = icon(thing.icon, 138, 24, ink, 1.5)
    if thing.icon == "call" and thing.look == "danger":  # the receiver laid down
        mark = f'<g transform="rotate(135 156 42)">{mark}</g>'
    svg = f'<circle cx="156" cy="42" r="40" fill="{fill}"{line}/>{mark}'
    svg += lines_svg(words, _MIDDLE, 88, font(words.size, bold=True, middle=True))
    height = 84 + (words.height_px + 4 if words.lines else 0)
    return Piece(svg, height, target(thing.id, 114, 0, 84, 84))


def bubble(thing: widgets.Bubble, style: Style) -> Piece:
    """Draw a chat bubble: received ones with a grey face at the left, mine at the right."""
    look, mine = style.look, thing.side == "out"
    inner, width, height = _inside(thing, style)
    sender = fitted(thing.sender, style.font(14), _BUBBLE_WIDTH - 28, bold=True)
    above = sender.height_px if sender.lines else 0
    width = max(width, min(sender.width_px + 28, _BUBBLE_WIDTH), 64)
    height = max(height + above, 48)
    x = FLOW_WIDTH - width if mine else 46
    ground = look.out if mine else "#fff" if look.page != "#fff" else look.card
    edge = "" if look.page == "#fff" or mine else f' stroke="{look.line}"'
    body = rect(0, 0, width, height, 18, f' fill="{ground}"{edge}')
    body += lines_svg(sender, 14, 7, font(sender.size, bold=True, fill=look.accent))
    svg = ("" if mine else silhouette(0, 0, 0.9)) + at(x, 0, body + at(0, above, inner))
    return Piece(svg, height, target(thing.id, x, 0, width, height))


def _inside(thing: widgets.Bubble, style: Style) -> tuple[str, float, float]:
    """Return the drawing, width and height of what a bubble holds."""
    if thing.link:
        return _link(thing.link, style)
    if thing.voice:
        return _voice(thing.voice, style)
    size = style.font(18)
    words = block_of(thing.text or "", size, _BUBBLE_WIDTH - 28)
    width = min(words.width_px * 1.1, _BUBBLE_WIDTH - 28) + 28  # room for a wider font
    return lines_svg(words, 14, 11, font(size)), width, words.height_px + 22


def _voice(length: str, style: Style) -> tuple[str, float, float]:
    accent = style.look.accent
    waves = "M60 34v-6m8 9v-12m8 18v-24m8 21v-18m8 14v-10m8 16v-22m8 17v-12m8 8v-4m8 7v-10"
    svg = (
        f'<circle cx="30" cy="31" r="18" fill="{accent}"/>'
        '<path d="M25 23l12 8-12 8z" fill="#fff"/>'
        f'<path d="{waves}" stroke="{accent}" stroke-width="3"/>'
    ) + text_svg(length, 140, 37, font(16, bold=True))
    return svg, 200, 62


def _link(link: widgets.Link, style: Style) -> tuple[str, float, float]:
    look, size = style.look, style.font(17)
    width = _BUBBLE_WIDTH
    title = block_of(link.title, size, width - 28, bold=True)
    site = fitted(link.site, style.font(14), width - 28)
    svg = (
        f'<path d="M10 22a12 12 0 0 1 12-12h202a12 12 0 0 1 12 12v58H10z" fill="{look.tint}"/>'
        f'<circle cx="123" cy="45" r="22" fill="{look.accent}"/>'
    ) + _on_disc(link.icon)
    svg += lines_svg(title, 14, 86, font(size, bold=True))
    svg += lines_svg(site, 14, 88 + title.height_px, font(site.size, fill=look.quiet))
    return svg, width, 98 + title.height_px + site.height_px


def _on_disc(icon: IconName) -> str:
    if icon == "play":
        return '<path d="M117 35l16 10-16 10z" fill="#fff"/>'
    line = ' fill="none" stroke="#fff" stroke-width="2"'
    return f'<path transform="translate(111 33)" d="{ICONS[icon]}"{line}/>'


def toast(thing: widgets.Toast, style: Style) -> Piece:
    """Draw a short dark notice; floats above whatever stands at the bottom."""
    words = fitted(thing.label, style.font(17), FLOW_WIDTH - 40, lines=3, smallest=13)
    height = words.height_px + 22
    width = min(words.width_px + 40, FLOW_WIDTH)
    svg = rect((FLOW_WIDTH - width) / 2, 0, width, height, 22, f' fill="{INK}"')
    return Piece(
        svg + middled(words, _MIDDLE, height / 2, font(words.size, fill="#fff", middle=True)),
        height,
    )


def dialog(thing: widgets.Dialog, style: Style) -> Piece:
    """Draw a dialog over the whole glass: all behind it is dimmed."""
    room = _DIALOG_WIDTH - 40
    label = block_of(thing.label, style.font(20), room, bold=True)
    words = block_of(thing.text, style.font(17), room)
    y = 20 + label.height_px + (8 + words.height_px if words.lines else 0) + 18
    svg = lines_svg(label, 20, 20, font(label.size, bold=True))
    svg += lines_svg(words, 20, 28 + label.height_px, font(words.size, fill="#3b4159"))
    targets: dict[str, Box] = {}
    across = _side_by_side(thing, style)
    width = (room - 10 * (across - 1)) / across
    for index, each in enumerate(thing.buttons):
        piece = pressable(each.label, each.look, each.id, width, style)
        x = 20 + (index % across) * (width + 10)
        svg += at(x, y, piece.svg)
        targets |= {name: box.moved(x, y) for name, box in piece.targets.items()}
        if index % across == across - 1:
            y += piece.height + 10
    height = y + 10
    x, top = (INSIDE_WIDTH - _DIALOG_WIDTH) / 2, (INSIDE_HEIGHT - height) / 2
    ground = rect(0, 0, _DIALOG_WIDTH, height, 22, ' fill="#fff"')
    veil = '<rect width="344" height="624" rx="22" fill-opacity=".55"/>'
    moved = {name: box.moved(x, top) for name, box in targets.items()}
    return Piece(veil + at(x, top, ground + svg), height, moved)


def _side_by_side(thing: widgets.Dialog, style: Style) -> int:
    """Return how many buttons stand on one line: two short ones do."""
    longest = max(width_px(each.label, style.font(19), bold=True) for each in thing.buttons)
    return 2 if len(thing.buttons) == 2 and longest <= 101 else 1  # noqa: PLR2004  # px in half a dialog
