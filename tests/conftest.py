"""What tests share: a small set of lessons of their own, and a house to publish them in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starter_lessons import open_starter_house

from content_server.media.ffmpeg import runner
from content_server.services import Services, open_services
from content_server.settings import Settings

pytest_plugins = ("fixtures_browser",)

# What takes longest begins first, so that the last minute keeps every worker busy.
LONG = (
    "test_story",
    "test_every_page",
    "test_fuzz",
    "test_resilience",
    "test_drafts",
    "test_killing",
)

# Beside other tests a tool that stands back would wait for all of them.
os.environ["CONTENT_SERVER_TOOL_NICENESS"] = "0"
runner.manners = runner.Manners(niceness=0)

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def write_lessons(folder: Path, **files: str) -> Path:
    """Write lesson files: `vi__tra_tien=...` becomes vi/tra-tien.yaml. Registers come with them."""
    texts = {"languages": LANGUAGES, "contacts": CONTACTS, "topics": TOPICS, "units": UNITS} | files
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/').replace('_', '-')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def lessons_dir(tmp_path: Path) -> Path:
    """A folder with one Vietnamese lesson and its Mông translation."""
    return write_lessons(tmp_path / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)


@pytest.fixture
def settings(tmp_path: Path, lessons_dir: Path) -> Settings:
    media_dir = tmp_path / "media"
    media_dir.mkdir()
    return Settings(data_dir=tmp_path / "data", lessons_dir=lessons_dir, media_dir=media_dir)


@pytest.fixture
def house(settings: Settings) -> Iterator[Services]:
    """A server's parts over the small lessons, nothing ingested yet."""
    house = open_services(settings)
    yield house
    house.database.close()


@pytest.fixture(scope="session")
def starter_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The real starter lessons, ingested and published once for all tests that look at them."""
    house = open_starter_house(tmp_path_factory.mktemp("starter") / "data")
    yield house
    house.database.close()
