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
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app, create_fastapi_app
from content_server.services import Services
from content_server.web.accounts import sign_in as room
from content_server.web.accounts.sign_in_forms import SignInAttempts
from content_server.web.permissions import iterate_routes
from tests.support.accounts import HTTPS, add_account, new_client, sign_in
from tests.support.editor_services import open_lesson_services

EXAMPLES = int(os.environ.get("EXAMPLES_OF_RUBBISH", "2"))  # of each route, mode and role
SEED = int(os.environ.get("SEED_OF_RUBBISH", "1"))
NOBODY = "nobody"
SENT_HEADERS = ("content-type",)  # the others are the browser's own
Account = tuple[str, str | None]
ACCOUNTS: list[Account] = [
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
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_lesson_services(tmp_path_factory.mktemp("fuzz"), 2)
    add_account(services, "chu", Grant(Role.ADMIN))
    add_account(services, "hai", Grant(Role.AUTHOR))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def app(services: Services) -> ASGIApp:
    return create_app(services)


@pytest.fixture(scope="module")
def operations(services: Services) -> list[APIOperation[Any, Any, Any, Any]]:
    """Every route, those too that the public description leaves out."""
    described = describe_every_route(create_fastapi_app(services))
    for path in described["paths"].values():
        for operation in path.values():
            for each in operation.get("parameters", []):
                if each["in"] == "path" and each["name"] in THERE:
                    known = {"enum": THERE[each["name"]]}
                    each["schema"] = {"anyOf": [known, known, each["schema"]]}
    schema = schemathesis.openapi.from_dict(described)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def describe_every_route(app: FastAPI) -> dict[str, Any]:
    """Return the description of all routes; the routes are left as they were."""
    hidden = [
        route
        for route in iterate_routes(app)
        if isinstance(route, APIRoute) and not route.include_in_schema
    ]
    for route in hidden:
        route.include_in_schema = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one function answers GET and HEAD under one name
        described = get_openapi(title="rooms", version="1", routes=app.routes)
    for route in hidden:
        route.include_in_schema = False
    return described


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account[0])
def test_whatever_is_sent_by_whom_the_server_stands(
    services: Services,
    app: ASGIApp,
    operations: list[APIOperation[Any, Any, Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    account: Account,
) -> None:
    monkeypatch.setattr(room, "attempts", SignInAttempts(limit=1_000_000))
    client = new_client_of(services, app, account)
    for operation in operations:
        send_rubbish(client, operation, GenerationMode.POSITIVE)
        if operation.body:
            send_rubbish(client, operation, GenerationMode.NEGATIVE)
        if account[0] != NOBODY and client.get("/-/toi").status_code != 200:  # it signed itself out
            client = new_client_of(services, app, account)
    for operation in operations:  # and once more over what all that rubbish has left behind
        if operation.method == "get":
            send_rubbish(client, operation, GenerationMode.POSITIVE)


def new_client_of(services: Services, app: ASGIApp, account: Account) -> TestClient:
    """Return a browser: nobody's, or of a new person with this role."""
    role, folder = account
    if role == NOBODY:
        return new_client(app)
    login = f"{role}so{next(NUMBERS)}"
    add_account(services, login, Grant(Role(role), folder))
    return sign_in(new_client(app), login)


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
        headers = {
            name: str(request.headers[name]) for name in SENT_HEADERS if name in request.headers
        }
        body: Any = request.body  # bytes, text, or nothing
        answer = client.request(
            str(request.method), str(request.url), content=body, headers=headers
        )
        assert answer.status_code < 500, answer.text

    sent()
