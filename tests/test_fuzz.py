"""Rubbish by rule: whatever OpenAPI says a route takes is sent to it, by every role and by nobody.

A longer run with other rubbish: `bench/fuzzing`.
"""

import os
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from making_samples import house_of
from people_samples import HTTPS, add, sign_in, visitor
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app, open_rooms
from content_server.services import Services
from content_server.web.accounts import sign_in as room
from content_server.web.accounts.sign_in_forms import Tries
from content_server.web.permissions import every_route

EXAMPLES = int(os.environ.get("EXAMPLES_OF_RUBBISH", "2"))  # of each route, mode and role
SEED = int(os.environ.get("SEED_OF_RUBBISH", "1"))
NOBODY = "nobody"
KEPT = ("content-type",)  # the others are the browser's own
Who = tuple[str, str | None]
WHO: list[Who] = [
    (NOBODY, None),
    *((role, "hmn" if role in {Role.SPEAKER, Role.TRANSLATOR} else None) for role in Role),
]
THERE: dict[str, list[Any]] = {  # what is really there: otherwise every answer would be a 404
    "slug": ["bai-1", "bai-2"],
    "folder": ["vi", "hmn"],
    "step": ["mo", "tap", "hoi"],
    "name": ["units", "contacts", "topics", "languages"],
    "key": ["care", "dien", "hmn", "lai-chau/muong-kim"],
    "kind": ["cards", "film", "poster"],
    "person_id": [1, 2],
    "consent": [1],
    "photo": [1],
    "job": [1, 2],
}
NUMBERS = count()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    house = house_of(tmp_path_factory.mktemp("fuzz"), 2)
    add(house, "chu", Grant(Role.ADMIN))
    add(house, "hai", Grant(Role.AUTHOR))
    yield house
    house.database.close()


@pytest.fixture(scope="module")
def app(house: Services) -> ASGIApp:
    return create_app(house)


@pytest.fixture(scope="module")
def operations(house: Services) -> list[APIOperation[Any, Any, Any, Any]]:
    """Every route of the rooms, those too that the public description leaves out."""
    described = described_whole(open_rooms(house))
    for path in described["paths"].values():
        for operation in path.values():
            for each in operation.get("parameters", []):
                if each["in"] == "path" and each["name"] in THERE:
                    known = {"enum": THERE[each["name"]]}
                    each["schema"] = {"anyOf": [known, known, each["schema"]]}
    schema = schemathesis.openapi.from_dict(described)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def described_whole(rooms: FastAPI) -> dict[str, Any]:
    """Return the description of all routes; the routes are left as they were."""
    hidden = [
        route
        for route in every_route(rooms)
        if isinstance(route, APIRoute) and not route.include_in_schema
    ]
    for route in hidden:
        route.include_in_schema = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one function answers GET and HEAD under one name
        described = get_openapi(title="rooms", version="1", routes=rooms.routes)
    for route in hidden:
        route.include_in_schema = False
    return described


@pytest.mark.parametrize("who", WHO, ids=lambda who: who[0])
def test_whatever_is_sent_by_whom_the_server_stands(
    house: Services,
    app: ASGIApp,
    operations: list[APIOperation[Any, Any, Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    who: Who,
) -> None:
    monkeypatch.setattr(room, "tries", Tries(most=1_000_000))
    client = entered(house, app, who)
    for operation in operations:
        send_rubbish(client, operation, GenerationMode.POSITIVE)
        if operation.body:
            send_rubbish(client, operation, GenerationMode.NEGATIVE)
        if who[0] != NOBODY and client.get("/-/toi").status_code != 200:  # it signed itself out
            client = entered(house, app, who)
    for operation in operations:  # and once more over what all that rubbish has left behind
        if operation.method == "get":
            send_rubbish(client, operation, GenerationMode.POSITIVE)


def entered(house: Services, app: ASGIApp, who: Who) -> TestClient:
    """Return a browser: nobody's, or of a new person with this role."""
    role, folder = who
    if role == NOBODY:
        return visitor(app)
    login = f"{role}so{next(NUMBERS)}"
    add(house, login, Grant(Role(role), folder))
    return sign_in(visitor(app), login)


def send_rubbish(
    client: TestClient, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    """Send examples to one route; whatever the server cannot answer is raised by the client."""

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: schemathesis.Case[Any]) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=HTTPS)).prepare()
        headers = {name: str(request.headers[name]) for name in KEPT if name in request.headers}
        body: Any = request.body  # bytes, text, or nothing
        answer = client.request(
            str(request.method), str(request.url), content=body, headers=headers
        )
        assert answer.status_code < 500, answer.text

    sent()
