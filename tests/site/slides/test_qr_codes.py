"""Our own QR codes, drawn in the browser, are those the reference library draws."""

from typing import Any

import pytest
import segno
import segno.encoder
from playwright.sync_api import Page

from tests.support.browser import OpenPage

pytestmark = pytest.mark.browser

TEXTS = [
    "a",
    "https://bai.laichau.vn/7?x7k2",
    "https://bai.laichau.vn/vi/buoi#7.h.12.n.3.h",
    "WIFI:T:WPA;S:Bản Lùng;P:a\\;b;;",
    "Ế Ệ Ẫ ưỡ Nghễnh ngãng " * 3,
    *("x" * length for length in (14, 15, 42, 43, 62, 84, 106, 122, 152, 180, 181, 213)),
]


def rows(page: Page, text: str, mask: int | None) -> list[list[int]] | None:
    found: list[list[int]] | None = page.evaluate(
        "([text, mask]) => drawQr.matrix(text, mask === null ? undefined : mask)", [text, mask]
    )
    return found


def pad_to_a_byte(buff: Any, _version: int, length: int) -> None:  # noqa: ANN401  # segno's own
    buff.extend([0] * (-length % 8))


def test_the_same_modules_as_segno(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    # segno adds a byte of zeros where none is needed: readable, but not what 7.4.10 asks for
    monkeypatch.setattr(segno.encoder, "write_padding_bits", pad_to_a_byte)
    page = open_page("/vi/tra-tien-dien/chieu", (1280, 720))
    for text in TEXTS:
        for mask in range(8):
            ours = rows(page, text, mask)
            code = segno.make(
                text, error="m", mode="byte", encoding="utf-8", mask=mask, boost_error=False,
                eci=False, micro=False,
            )  # fmt: skip
            assert ours == [list(row) for row in code.matrix], (text, mask)


def test_the_best_mask_is_one_a_reader_knows(open_page: OpenPage) -> None:
    page = open_page("/vi/tra-tien-dien/chieu", (1280, 720))
    for text in TEXTS:
        assert rows(page, text, None) in [rows(page, text, mask) for mask in range(8)]


def test_what_cannot_be_scanned_from_a_wall_is_not_drawn(open_page: OpenPage) -> None:
    page = open_page("/vi/tra-tien-dien/chieu", (1280, 720))
    assert rows(page, "x" * 214, None) is None
