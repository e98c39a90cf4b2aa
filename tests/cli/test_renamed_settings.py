"""A setting that has a new name is still read under its old one, and both commands say so."""

from contextlib import suppress
from io import StringIO

import pytest
from rich.console import Console

from content_server.cli.doctor import run_checks
from content_server.settings import Settings, read_settings, renamed_variables

OLD, NEW = "CONTENT_SERVER_LATER_THREADS", "CONTENT_SERVER_BACKGROUND_THREADS"


def test_the_old_name_still_works_and_the_new_one_comes_first() -> None:
    assert read_settings({OLD: "3"}).background_threads == 3
    assert read_settings({OLD: "3", NEW: "0"}).background_threads == 0
    assert renamed_variables({OLD: "3"}) == [(OLD, NEW)]
    assert renamed_variables({NEW: "3"}) == []


def test_the_doctor_names_it_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OLD, "2")
    written = StringIO()
    with suppress(SystemExit):
        run_checks(settings, Console(file=written, width=200))
    assert written.getvalue().count(f"{OLD} nay tên là {NEW}") == 1
