"""Drawn screens: every widget, every scene, cruel words, small bytes, big targets."""

import io
import re
import statistics
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import segno
from PIL import Image
from pydantic import ValidationError

from content_server.media.screens import (
    Box,
    Drawing,
    Scene,
    Screen,
    ScreenTooFull,
    draw_pixels,
    draw_scene,
    draw_screen,
)
from content_server.media.screens.gallery import gallery_scenes, gallery_screens
from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.looks import LOOKS
from content_server.media.screens.models import Widget
from content_server.media.screens.scenes.spots import POINTS, WORDS, SceneName
from content_server.media.screens.sheet import compressed_bytes, contact_sheet
from content_server.media.screens.text import width_px
from content_server.site.pictures import window_of

SCREENS = gallery_screens()
SCENES = gallery_scenes()
SVG = "{http://www.w3.org/2000/svg}"
LEFT, RIGHT, TOP, BOTTOM = 8, 352, 8, 632  # the glass


def bank(*widgets: object) -> Screen:
    return Screen.model_validate({"app": "bank", "widgets": list(widgets)})


def root_of(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg)  # noqa: S314  # our own SVG


def texts_with_places(
    element: ET.Element, given: Mapping[str, str], x: float = 0, y: float = 0
) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield every line: words, left, right, baseline, font size, on the drawing's own canvas."""
    attributes = {**given, **element.attrib}
    moved = re.match(r"translate\(([-\d.]+)(?: ([-\d.]+))?\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2] or 0)
    if element.tag == f"{SVG}text":
        words, size = element.text or "", float(attributes["font-size"])
        bold = attributes.get("font-weight") == "600"
        held = element.get("textLength")
        width = float(held) if held else width_px(words, size, bold=bold)
        at = x + float(element.get("x", 0))
        left = {"middle": at - width / 2, "end": at - width}.get(
            attributes.get("text-anchor", "start"), at
        )
        yield words, left, left + width, y + float(element.get("y", 0)), size
    for child in element:
        yield from texts_with_places(child, attributes, x, y)


def lines_of(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    return list(texts_with_places(root_of(drawing), {}))


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_drawn_cleanly(name: str) -> None:
    drawing = draw_screen(SCREENS[name])
    root = root_of(drawing)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 360 640"
    assert (drawing.width_px, drawing.height_px) == (360, 640)
    assert drawing.svg.startswith("<svg ")
    assert drawing.svg.endswith("</svg>")
    assert_nothing_forbidden(root)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_drawn_cleanly(name: SceneName) -> None:
    drawing = draw_scene(SCENES[name])
    assert root_of(drawing).get("viewBox") == "0 0 360 400"
    assert_nothing_forbidden(root_of(drawing))
    assert set(drawing.targets) == SCENES[name].target_ids() == set(POINTS[name])
    assert compressed_bytes(drawing) <= 2500


def assert_nothing_forbidden(root: ET.Element) -> None:
    for element in root.iter():
        tag = element.tag.removeprefix(SVG)
        assert tag in {"svg", "g", "path", "rect", "circle", "ellipse", "text"}
        for name, value in element.attrib.items():
            assert name not in {"style", "id", "class"}
            assert not name.startswith(("on", "{"))
            assert "url(" not in value
            assert "http" not in value


def test_the_same_screen_gives_the_same_bytes() -> None:
    for screen in SCREENS.values():
        again = Screen.model_validate_json(screen.model_dump_json())
        small = Screen.model_validate(screen.model_dump(mode="json", exclude_defaults=True))
        unset = Screen.model_validate(screen.model_dump(mode="json", exclude_unset=True))
        assert draw_screen(screen) == draw_screen(again) == draw_screen(small) == draw_screen(unset)


def test_a_translate_is_needed_nowhere_the_walker_does_not_see() -> None:
    """The walker below knows `translate` alone; scaled groups must hold no words."""
    for drawing in (*map(draw_screen, SCREENS.values()), *map(draw_scene, SCENES.values())):
        for group in root_of(drawing).iter(f"{SVG}g"):
            if "scale" in group.get("transform", "") or "rotate" in group.get("transform", ""):
                assert not list(group.iter(f"{SVG}text"))


def test_the_gallery_shows_every_widget_every_app_and_every_scene() -> None:
    shown = {
        kind
        for screen in SCREENS.values()
        for widget in screen.widgets
        for kind in widget.model_dump()
    }
    assert shown == set(Widget.model_fields)
    assert {screen.app for screen in SCREENS.values()} == set(LOOKS) - {"wallpaper"}
    assert set(SCENES) == set(SceneName.__args__)  # type: ignore[attr-defined]  # a Literal has them
    assert set(ICONS) == set(IconName.__args__)  # type: ignore[attr-defined]  # a Literal has them


def test_every_target_is_a_thumb_wide_and_inside_the_glass() -> None:
    for name, screen in SCREENS.items():
        drawing = draw_screen(screen)
        assert set(drawing.targets) == screen.target_ids(), name
        for target, box in drawing.targets.items():
            assert box.width >= 48, (name, target)
            assert box.height >= 48, (name, target)
            assert box.x >= LEFT, (name, target)
            assert box.y >= TOP, (name, target)
            assert box.x + box.width <= RIGHT, (name, target)
            assert box.y + box.height <= BOTTOM, (name, target)


def test_each_target_lies_on_what_it_names() -> None:
    drawing = draw_screen(SCREENS["bank enter code"])
    middles = {words: (left, y) for words, left, _right, y, _size in lines_of(drawing)}
    for target, words in (("check", "Kiểm tra"), ("code", "Gõ mã trên giấy báo")):
        x, y = middles[words]
        assert contains(drawing.targets[target], x, y), target


def contains(box: Box, x: float, y: float) -> bool:
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def test_neighbouring_keys_do_not_overlap() -> None:
    boxes = draw_screen(SCREENS["bank pin"]).targets
    assert boxes["key-1"].x + boxes["key-1"].width <= boxes["key-2"].x
    assert boxes["key-1"].y + boxes["key-1"].height <= boxes["key-4"].y
    pad = boxes["pad"]
    assert all(contains(pad, boxes[f"key-{n}"].x, boxes[f"key-{n}"].y) for n in range(10))


def test_every_word_of_a_screen_is_in_its_labels_and_the_other_way_round() -> None:
    for name, screen in SCREENS.items():
        drawn = " ".join(words for words, *_ in lines_of(draw_screen(screen)))
        said = screen.labels()
        for label in said:
            assert all(word in drawn for word in label.split()), (name, label)
        everything = " ".join(said)
        for word in drawn.replace("9:41", "", 1).split():
            assert word in everything, (name, word)


def test_every_word_of_a_scene_is_in_its_labels() -> None:
    for name, scene in SCENES.items():
        drawn = [words for words, *_ in lines_of(draw_scene(scene))]
        words = WORDS[scene.draw] if scene.draw in WORDS else ()  # noqa: SIM401  # mypy knows the keys
        assert name == scene.draw
        assert sorted(drawn) == sorted(scene.labels()) == sorted(words)


CRUEL = {
    "a word of 60 letters": "Ngh" * 20,
    "stacked marks": "Ế Ệ Ẫ ưỡ Ộ ẾỆẪƯỠỘ " * 3,
    "another direction": "שלום עולם مرحبا بالعالم",
    "pictures": "😀🎉👩‍🌾"[:2] * 20,
    "300 letters": "Bác bấm vào nút này để xem " * 11,
    "one letter": "Ơ",
    "capitals without a space": "W" * 80,
    "another script": "ꪼꪕꪶꪒ ลาวไทย 中文字" * 4,
    "hostile words": "</text><script>alert(1)</script>&amp;\"' onload=x",
}

EVERYWHERE: list[dict[str, Any]] = [
    {"title": {"label": "?", "id": "a", "actions": [{"icon": "call"}, {"icon": "more"}]}},
    {"text": {"label": "?", "size": "big", "align": "center"}},
    {"field": {"id": "a", "label": "?", "value": "?", "masked": True}},
    {"field": {"id": "a", "label": "?", "hint": "?"}},
    {"choice": {"id": "a", "label": "?", "value": "?"}},
    {"search": {"id": "a", "hint": "?"}},
    {"button": {"id": "a", "label": "?"}},
    {"row": {"id": "a", "icon": "bill", "label": "?", "note": "?", "value": "?"}},
    {"icons": [{"id": f"i{n}", "icon": "bill", "label": "?"} for n in range(4)]},
    {"tabs": [{"id": f"t{n}", "icon": "home", "label": "?"} for n in range(5)]},
    {"tabs": ["?", "?"]},
    {
        "dialog": {
            "label": "?",
            "text": "?",
            "buttons": [{"id": "a", "label": "?"}, {"id": "b", "label": "?", "look": "danger"}],
        }
    },
    {"toast": "?"},
    {"bubble": {"id": "a", "side": "in", "from": "?", "text": "?"}},
    {"bubble": {"id": "a", "side": "out", "link": {"title": "?", "site": "?"}}},
    {"composer": {"hint": "?", "items": [{"id": "a", "icon": "mic"}]}},
    {"round": {"id": "a", "icon": "mic", "label": "?"}},
    {"receipt": {"id": "a", "label": "?", "rows": [["?", "?"]]}},
    {"card": {"id": "a", "kind": "insurance", "label": "?", "rows": [["?", "?"]]}},
    {"qr": {"id": "a", "text": "0", "label": "?"}},
    {"camera": {"id": "a", "inside": "face", "label": "?"}},
    {"switch": {"id": "a", "label": "?", "on": True}},
    {"tick": {"id": "a", "label": "?"}},
    {"warning": {"id": "a", "label": "?"}},
]


def with_words(value: Any, words: str) -> Any:  # noqa: ANN401  # whatever YAML can say
    if isinstance(value, dict):
        return {key: with_words(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [with_words(part, words) for part in value]
    return words if value == "?" else value


@pytest.mark.parametrize("app", ["bank", "zalo", "portal", "phone"])
@pytest.mark.parametrize("case", CRUEL)
def test_cruel_words_never_leave_the_glass(case: str, app: str) -> None:
    for widget in EVERYWHERE:
        given = {"app": app, "widgets": [with_words(widget, CRUEL[case])]}
        screen = Screen.model_validate(given)
        try:
            drawing = draw_screen(screen)
        except ScreenTooFull:
            assert len(CRUEL[case]) > 100
            continue
        for words, left, right, baseline, size in lines_of(drawing):
            assert left >= LEFT, (widget, words)
            assert right <= RIGHT, (widget, words)
            assert baseline - size >= TOP, (widget, words)
            assert baseline + 0.25 * size <= BOTTOM, (widget, words)
        for box in drawing.targets.values():
            assert box.y + box.height <= BOTTOM


def test_stacked_marks_of_one_line_never_touch_the_line_above() -> None:
    screen = bank({"title": "Bài"}, {"text": {"label": "ẾỆ ẪỘ ưỡ " * 12, "align": "center"}})
    lines = sorted((y, size) for _w, _l, _r, y, size in lines_of(draw_screen(screen)) if size == 18)
    for (above, _size), (below, size) in pairwise(lines):
        assert below - 1.0 * size >= above + 0.25 * size


def test_hostile_words_stay_words() -> None:
    screen = bank({"title": CRUEL["hostile words"][:40]}, {"text": CRUEL["hostile words"]})
    drawing = draw_screen(screen)
    assert "<script" not in drawing.svg
    assert_nothing_forbidden(root_of(drawing))
    assert "&lt;script&gt;" in drawing.svg


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e", "\u200b", "\ufeff", "\x85", "\ud800"])
def test_hidden_characters_are_refused(hidden: str) -> None:
    with pytest.raises(ValidationError):
        bank({"text": f"Bấm{hidden} đây"})


def test_words_are_kept_in_one_normal_form() -> None:
    screen = bank({"text": "Tie\u0302\u0300n   đie\u0323\u0302n\n"})
    assert screen.labels() == ("Tiền điện",)


def test_an_empty_label_is_refused_at_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        bank({"title": "Bài"}, {"button": {"label": ""}})
    (error,) = caught.value.errors()
    assert error["type"] == "string_too_short"
    assert error["loc"] == ("widgets", 1, "button", "label")


def test_a_bad_button_speaks_of_buttons_only() -> None:
    with pytest.raises(ValidationError) as caught:
        bank({"button": {"label": "Gửi", "look": "pink", "colour": "red"}})
    errors = caught.value.errors()
    assert {error["type"] for error in errors} == {"literal_error", "extra_forbidden"}
    assert all(error["loc"][:3] == ("widgets", 0, "button") for error in errors)


@pytest.mark.parametrize("widget", [{"buton": "Gửi"}, {"button": "A", "text": "B"}, "Gửi", {}, 3])
def test_an_unknown_widget_gives_one_error_with_the_known_names(widget: object) -> None:
    with pytest.raises(ValidationError) as caught:
        bank({"title": "Bài"}, widget)
    (error,) = caught.value.errors()
    assert error["loc"][:2] == ("widgets", 1)
    assert "button, row, icons" in error["msg"]


def test_wrong_ids_pointers_and_bubbles_are_refused() -> None:
    with pytest.raises(ValidationError, match="cùng tên gui"):
        bank({"button": {"label": "A", "id": "gui"}}, {"row": {"label": "B", "id": "gui"}})
    with pytest.raises(ValidationError, match="chỉ có một title"):
        bank({"title": "A"}, {"title": "B"})
    with pytest.raises(ValidationError, match="Bàn tay chỉ vào xa"):
        bank({"title": "Bài"}, {"pointer": {"to": "xa"}})
    with pytest.raises(ValidationError, match="đúng một trong"):
        bank({"bubble": {"text": "A", "voice": "0:07"}})
    with pytest.raises(ValidationError, match="chỉ có: customer-code"):
        Scene(draw="paper-bill", point="moon")
    with pytest.raises(ValidationError):
        bank({"button": {"label": "A", "id": "Gửi đi"}})


def test_too_many_widgets_shrink_first_and_then_say_how_much_is_too_much() -> None:
    rows = [{"row": {"label": f"Dòng {n}", "icon": "bill"}} for n in range(20)]
    roomy = draw_screen(bank({"title": "Bài"}, *rows[:6]))
    tight = draw_screen(bank({"title": "Bài"}, *rows[:9]))
    assert max(size for *_, size in lines_of(tight)) <= max(size for *_, size in lines_of(roomy))
    with pytest.raises(ScreenTooFull, match=r"thừa \d+ px"):
        draw_screen(bank({"title": "Bài"}, *rows))


def test_a_long_dialog_is_too_full_as_well() -> None:
    dialog = {"dialog": {"label": "A" * 390, "text": "B " * 190, "buttons": ["Được"]}}
    with pytest.raises(ScreenTooFull):
        draw_screen(bank({"title": "Bài"}, dialog, {"text": "C"}))


def test_the_qr_code_on_the_screen_is_the_code() -> None:
    drawing = draw_screen(SCREENS["bank qr"])
    (path,) = (
        element.get("d", "")
        for element in root_of(drawing).iter(f"{SVG}path")
        if ".5h" in element.get("d", "")
    )
    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", path)
        for step in range(int(length))
    }
    code = segno.make_qr("LUYEN-TAP-0000", error="l", boost_error=True)
    assert dark == {
        (x, y) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module
    }


def test_the_qr_code_is_still_the_code_in_pixels() -> None:
    png = draw_pixels(draw_screen(SCREENS["bank qr"]).svg, width_px=1440)
    image = Image.open(io.BytesIO(png)).convert("L")
    code = segno.make_qr("LUYEN-TAP-0000", error="l", boost_error=True)
    matrix = [list(row) for row in code.matrix]
    box = draw_screen(SCREENS["bank qr"]).targets["code"]
    module = box.width / (len(matrix) + 8)
    dark = image.point(lambda value: value < 128)

    def is_dark(x: int, y: int) -> bool:
        place = box.x + (x + 4.5) * module, box.y + (y + 4.5) * module
        return bool(dark.getpixel((round(4 * place[0]), round(4 * place[1]))))

    seen = [[is_dark(x, y) for x in range(len(matrix))] for y in range(len(matrix))]
    assert seen == [[bool(cell) for cell in row] for row in matrix]


def test_a_name_never_touches_its_value_in_the_widest_font() -> None:
    rows = [["Mã khách hàng", "P••• •••• •••••"], ["Tên chủ hộ", "NGUYỄN VĂN A"]]
    listed = {"row": {"icon": "bolt", "label": "Trả tiền điện", "note": "Nay", "value": "-150 ₫"}}
    drawings = [draw_screen(bank({"receipt": {"rows": rows}}, listed))]
    drawings += [draw_scene(SCENES[name]) for name in ("paper-bill", "water-bill")]
    for drawing in drawings:
        kept = {text.text for text in root_of(drawing).iter(f"{SVG}text") if text.get("textLength")}
        for left, right in pairwise(sorted(lines_of(drawing), key=lambda line: (line[3], line[1]))):
            if left[3] != right[3]:
                continue  # not on one line
            free = right[1] - left[2]
            for words, start, end, _y, size in (left, right):
                dots = words.count("•") * 0.3 * size  # in DejaVu Sans they are twice as wide
                free -= 0 if words in kept else (end - start) * 0.14 + dots
            assert free >= 0, (left, right)


def test_what_a_keypad_types_and_the_newest_words_of_a_chat_stand_low() -> None:
    chat = {"app": "zalo", "widgets": [{"bubble": {"text": "Chào"}}, {"composer": {"hint": "Tin"}}]}
    keypad = bank({"title": "Xác nhận"}, {"text": "Mã PIN"}, {"dots": {}}, {"keypad": {}})
    for screen, words in ((Screen.model_validate(chat), "Chào"), (keypad, "Mã PIN")):
        drawing = draw_screen(screen)
        seen = window_of(drawing, None)
        assert seen.y + seen.height == 640
        assert next(y for text, _l, _r, y, _s in lines_of(drawing) if text == words) > 320


def test_screens_are_small() -> None:
    sizes = [compressed_bytes(draw_screen(screen)) for screen in SCREENS.values()]
    assert statistics.median(sizes) <= 800
    assert max(sizes) <= 1800


def test_an_overlay_lies_on_top_inside_the_svg() -> None:
    drawing = draw_screen(SCREENS["bank home"])
    drawn = drawing.with_overlay('<circle cx="1" cy="2" r="3"/>')
    assert drawn.endswith('<circle cx="1" cy="2" r="3"/></svg>')
    assert len(ET.fromstring(drawn)) == len(root_of(drawing)) + 1  # noqa: S314  # our own SVG


def test_pixels_are_a_png_of_the_width_asked_for() -> None:
    png = draw_pixels(draw_screen(SCREENS["vneid home"]).svg, width_px=540)
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (540, 960))
    assert len(set(image.convert("RGB").resize((54, 96)).get_flattened_data())) > 20


def test_white_words_and_quiet_words_can_be_read() -> None:
    for name, look in LOOKS.items():
        assert contrast(look.bar, look.on_bar) >= 7, name
        assert contrast(look.page, look.ink) >= 7, name
        assert contrast(look.page, look.quiet) >= 4.5, name
        assert contrast("#fff", look.accent) >= 7, name
        assert contrast("#fff", look.danger) >= 7, name
        assert contrast("#fff", look.good) >= 7, name
        assert all(contrast(tile, "#fff") >= 4.5 for tile in look.tiles), name


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_schema_tells_an_editor_what_each_widget_is() -> None:
    schema = Screen.model_json_schema()
    widget = schema["$defs"]["Widget"]
    assert set(widget["properties"]) == set(Widget.model_fields)
    assert widget["minProperties"] == widget["maxProperties"] == 1
    assert {"type": "string"} in widget["properties"]["button"]["anyOf"]
    assert schema["$defs"]["Button"]["description"]
    assert set(schema["$defs"]["Button"]["properties"]) == {"id", "label", "look"}
    assert "null" not in str(widget["properties"])


def test_the_contact_sheet_shows_every_drawing_by_itself() -> None:
    items = [(name, draw_screen(screen)) for name, screen in SCREENS.items()]
    page = contact_sheet([*items, ("<b>&", items[0][1])])
    assert page.count("<svg ") == len(items) + 1
    assert escape("<b>&") in page
    assert "src=" not in page
    assert "href=" not in page
