"""What a test does where this machine lacks a program: it says so in one line; in CI it fails."""

import os
from typing import NoReturn

import pytest


def lacking(line: str) -> NoReturn:
    """Skip the test with this line, which says what to install; in CI fail with it."""
    if os.environ.get("CI"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
