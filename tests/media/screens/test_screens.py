"""Drawn screens: every widget, every scene, cruel words, small bytes, big targets."""

import io
import re
import statistics
from html import escape
from xml.etree import ElementTree as ET

import pytest
import segno
from PIL import Image

from content_server.media.screens import (
    Rectangle,
    Screen,
    draw_scene,
    draw_screen,
    render_png,
)
from content_server.media.screens.contact_sheet import compressed_bytes, contact_sheet
from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.models import Widget
from content_server.media.screens.scenes.spots import POINTS, WORDS, SceneName
from content_server.media.screens.themes import THEMES
from content_server.site.pages.figures import find_visible_area
from tests.media.screens.samples import (
    BOTTOM,
    LEFT,
    RIGHT,
    SCENES,
    SCREENS,
    SVG,
    TOP,
    assert_nothing_forbidden,
    bank,
    lines_of,
    root_of,
)


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


def test_the_same_screen_gives_the_same_bytes() -> None:
    for screen in SCREENS.values():
        again = Screen.model_validate_json(screen.model_dump_json())
        small = Screen.model_validate(screen.model_dump(mode="json", exclude_defaults=True))
        unset = Screen.model_validate(screen.model_dump(mode="json", exclude_unset=True))
        draw = draw_screen.__wrapped__  # past what is remembered
        assert draw(screen) == draw(again) == draw(small) == draw(unset)


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
    assert {screen.app for screen in SCREENS.values()} == set(THEMES) - {"wallpaper"}
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


def contains(box: Rectangle, x: float, y: float) -> bool:
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
    png = render_png(draw_screen(SCREENS["bank qr"]).svg, width_px=1440)
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


def test_what_a_keypad_types_and_the_newest_words_of_a_chat_stand_low() -> None:
    chat = {"app": "zalo", "widgets": [{"bubble": {"text": "Chào"}}, {"composer": {"hint": "Tin"}}]}
    keypad = bank({"title": "Xác nhận"}, {"text": "Mã PIN"}, {"dots": {}}, {"keypad": {}})
    for screen, words in ((Screen.model_validate(chat), "Chào"), (keypad, "Mã PIN")):
        drawing = draw_screen(screen)
        seen = find_visible_area(drawing, None)
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
    png = render_png(draw_screen(SCREENS["vneid home"]).svg, width_px=540)
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (540, 960))
    assert len(set(image.convert("RGB").resize((54, 96)).get_flattened_data())) > 20


def test_white_words_and_quiet_words_can_be_read() -> None:
    for name, look in THEMES.items():
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
    assert schema["$defs"]["ButtonWidget"]["description"]
    assert set(schema["$defs"]["ButtonWidget"]["properties"]) == {"id", "label", "look"}
    assert "null" not in str(widget["properties"])


def test_the_contact_sheet_shows_every_drawing_by_itself() -> None:
    items = [(name, draw_screen(screen)) for name, screen in SCREENS.items()]
    page = contact_sheet([*items, ("<b>&", items[0][1])])
    assert page.count("<svg ") == len(items) + 1
    assert escape("<b>&") in page
    assert "src=" not in page
    assert "href=" not in page
