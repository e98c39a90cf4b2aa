"""A small site to visit.

A test module that needs it says `pytest_plugins = ("fixtures_front",)`.
"""

from pathlib import Path

import pytest
from published_samples import Shop, notices, page


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop.open(tmp_path)
    shop.publish("lists", page("/", "Trang đầu"), *notices())
    shop.publish("lesson:a", page("/vi/a", "Bài A"))
    return shop
