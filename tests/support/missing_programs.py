"""What a test does without a program it needs: it is skipped with one line; in CI it fails."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(line: str) -> NoReturn:
    """Skip the test with this line, which says what to install; in CI fail with it."""
    if os.environ.get("CI"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
