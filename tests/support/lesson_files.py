"""A small lesson in two languages, its registries, and how tests write and read such files."""

from pathlib import Path

import pytest

from content_server.errors import BundleRejected
from content_server.lessons.bundle import Bundle, find_bundles, read_bundle
from content_server.lessons.registries.registries import read_registries

LANGUAGES = """\
vi: {tag: vi, endonym: Tiếng Việt, name_vi: Tiếng Việt}
hmn: {tag: hmn, endonym: Hmôngz, name_vi: Tiếng Mông, orthography: vn1961}
tay: {tag: tyz, endonym: Tày, name_vi: Tiếng Tày}
"""
CONTACTS = """\
care:
  name: Chăm sóc khách hàng
  tel: "19006769"
  cost: paid
  source: trang của điện lực
  verified_on: 2026-11-23
  verified_by: người soạn
"""
TOPICS = "dien: {name: Tiền điện, order: 1}\n"
UNITS = """\
lai-chau: {name: Lai Châu, aliases: [huyện Phong Thổ]}
lai-chau/muong-kim: {name: Mường Kim, languages: [hmn]}
"""
LESSON = """\
title: Trả tiền điện
topic: dien
why: Ngồi ở nhà cũng trả được.
safety: Bài này không mất tiền.
success: Xong khi thấy dấu tích.
warning: Ai hỏi mã OTP thì cúp máy.
help: [care]
sources: [{what: thử, checked_on: 2026-11-23}]
checked_on: 2026-11-23
steps:
  - id: mo
    show: Bấm Thanh toán.
    screen: &home
      app: bank
      widgets:
        - title: Ngân hàng
        - button: {id: thanh-toan, label: Thanh toán}
        - button: {id: khac, label: Khác, look: plain}
    tap: thanh-toan
  - id: nham
    if_wrong: Bấm nhầm thì bấm Khác.
    screen: *home
    tap: khac
  - id: tap
    practise:
      - {screen: *home, tap: thanh-toan, hint: Nút to ở trên.}
      - {screen: *home, tap: khac, hint: Nút thứ hai.}
  - id: hoi
    ask: Ai gọi hỏi mã OTP thì làm gì?
    answers:
      - {picture: {scene: hang-up}, say: Cúp máy., right: true, because: Đúng rồi.}
      - {picture: {scene: read-out}, say: Đọc mã., because: Đừng đọc bác nhé.}
"""
TRANSLATION = """\
title: Them nyiaj hluav taws xob
steps:
  mo: {show: Nias Thanh toán.}
"""


def read_lesson_bundle(folder: Path, slug: str = "tra-tien") -> Bundle:
    library = read_registries(folder)
    files = find_bundles(folder)[slug]
    return read_bundle(slug, files, library, folder.parent / "media", lambda _path: 1000)


def list_problems(folder: Path, slug: str = "tra-tien") -> list[str]:
    with pytest.raises(BundleRejected) as caught:
        read_lesson_bundle(folder, slug)
    return [problem.translate("vi") for problem in caught.value.problems]


def write_lessons(folder: Path, **files: str) -> Path:
    """Write lesson files: `vi__tra_tien=...` becomes vi/tra-tien.yaml. Registers come with them."""
    texts = {"languages": LANGUAGES, "contacts": CONTACTS, "topics": TOPICS, "units": UNITS} | files
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/').replace('_', '-')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
