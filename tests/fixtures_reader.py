"""Whoever reads the real lessons over HTTP.

A test module that needs this says `pytest_plugins = ("fixtures_reader",)`.
"""

from collections.abc import Iterator

import httpx
import pytest
from published_samples import running_uvicorn

from content_server.app import create_app
from content_server.services import Services


@pytest.fixture(scope="module")
def reader(starter_house: Services) -> Iterator[httpx.Client]:
    """The real lessons behind the real server."""
    with (
        running_uvicorn(create_app(starter_house)) as address,
        httpx.Client(base_url=address, headers={"Accept-Encoding": "br"}) as client,
    ):
        yield client
