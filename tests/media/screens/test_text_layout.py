"""Words on drawn screens: cruel, hostile, hidden, wrong or too many; they stay on the glass."""

from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from content_server.media.screens import (
    Scene,
    Screen,
    ScreenTooFull,
    draw_scene,
    draw_screen,
)
from tests.media.screens.samples import (
    BOTTOM,
    LEFT,
    RIGHT,
    SCENES,
    SVG,
    TOP,
    assert_nothing_forbidden,
    bank,
    lines_of,
    root_of,
)

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
