"""A small published tree without lessons."""

from pathlib import Path

import pytest

from tests.support.published_tree import SmallTree, make_error_pages, make_page


@pytest.fixture
def small_tree(tmp_path: Path) -> SmallTree:
    small_tree = SmallTree.open(tmp_path)
    small_tree.publish("lists", make_page("/", "Trang đầu"), *make_error_pages())
    small_tree.publish("lesson:a", make_page("/vi/a", "Bài A"))
    return small_tree
