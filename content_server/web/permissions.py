"""Who asks: a door is a type in an endpoint's signature, and a route without a door is no route.

    def people(person: Annotated[Person, Depends(whoever_may(Act.KEEP_PEOPLE))]) -> HTMLResponse

`check_doors` refuses to start a server with a route that does not say whom it serves.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from content_server.accounts.roles import Act, Person
from content_server.accounts.sessions import find_session, needs_touch, touch
from content_server.db import Database
from content_server.errors import DatabaseBusy, NotSignedIn, PlainHttpRefused
from content_server.phrases import _
from content_server.web.transport_security import Line

COOKIE, SAFE_COOKIE = "session", "__Host-session"  # the second only over HTTPS
SHARED_MARK = "s."  # before the token of a shared machine: once it ended, everything is wiped
WITHOUT_DOORS = {"/-/openapi.json"}


class Anybody:
    """The door that is open: nobody is asked who they are."""

    def __call__(self) -> None:
        return None


class WhoeverMay:
    """The door that lets in whoever is signed in and may do `act` somewhere."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def __call__(self, request: Request) -> Person:
        person = person_or_none(request)
        if person is None:
            raise NotSignedIn(_("Xin vào bằng tên và câu mật khẩu của bác trước đã."))
        person.must(self.act)
        return person


@cache
def whoever_may(act: Act) -> WhoeverMay:
    """Return the door for `act`. A language or unit is asked inside: `person.must(act, folder)`."""
    return WhoeverMay(act)


anybody = Depends(Anybody())


def person_or_none(request: Request) -> Person | None:
    """Return who is signed in; asked once a request. Raises DatabaseBusy."""
    if not hasattr(request.state, "person"):
        request.state.person = _signed_in(request)
    person: Person | None = request.state.person
    return person


def token_of(request: Request) -> str | None:
    """Return the session's token; over a line others can hear, none is taken."""
    line: Line = request.state.line
    if not line.private:
        return None
    given = request.cookies.get(SAFE_COOKIE if line.encrypted else COOKIE)
    return given.removeprefix(SHARED_MARK) if given else None


def is_of_shared_machine(request: Request) -> bool:
    """Tell whether the browser still carries the token of a session on a shared machine."""
    return any(request.cookies.get(n, "").startswith(SHARED_MARK) for n in (COOKIE, SAFE_COOKIE))


def _signed_in(request: Request) -> Person | None:
    token = token_of(request)
    if not token:
        return None
    database: Database = request.app.state.database
    with database.read() as session:
        found = find_session(session, token)
    if found is None or found[0].waits_for_code:
        return None
    row, person = found
    if needs_touch(row):
        with suppress(DatabaseBusy), database.write() as session:
            touch(session, person.session_id, person.grants)
    return person


def put_cookie(
    response: Response, request: Request, token: str, *, shared: bool, age_s: int
) -> None:
    """Give the browser its token. Raises PlainHttpRefused."""
    line: Line = request.state.line
    if not line.private:
        raise PlainHttpRefused(_("Chỉ vào được bằng địa chỉ https://."))
    response.set_cookie(
        SAFE_COOKIE if line.encrypted else COOKIE,
        (SHARED_MARK if shared else "") + token,
        max_age=None if shared else age_s,  # a shared machine's ends with the browser
        path="/",
        secure=line.encrypted,
        httponly=True,
        samesite="lax",  # strict would sign people out who come by a link in a chat
    )


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(SAFE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def every_route(app: FastAPI) -> Iterator[BaseRoute]:
    """Yield every route of the rooms, those of included routers too."""
    yield from _routes(app.routes)


def _routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes)
        else:
            yield route


def door_of(route: BaseRoute) -> Anybody | WhoeverMay | None:
    """Return the door of a route: the strictest it names; None when it names none."""
    if not isinstance(route, APIRoute):
        return None
    doors = [each for each in _calls(route.dependant) if isinstance(each, Anybody | WhoeverMay)]
    doors.sort(key=lambda door: isinstance(door, Anybody))
    return doors[0] if doors else None


def check_doors(app: FastAPI) -> None:
    """Raise RuntimeError when a route does not say whom it serves: nothing is open by accident.

    Doors are also put before everything else a route asks for: who may not come in does not learn
    whether what they asked for is there.
    """
    for route in every_route(app):
        path = getattr(route, "path", "")
        if path in WITHOUT_DOORS:
            continue
        door = door_of(route)
        if door is None or not isinstance(route, APIRoute):
            raise RuntimeError(f"a route without a door: {path}; see web/who.py")
        first = Depends(door)  # asked once a request, however often it is named
        if first not in route.dependencies:
            route.dependencies.insert(0, first)


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


SelfDep = Annotated[Person, Depends(whoever_may(Act.KEEP_OWN))]
WorkDep = Annotated[Person, Depends(whoever_may(Act.SEE_WORK))]
TrainerDep = Annotated[Person, Depends(whoever_may(Act.TEACH))]
PeopleDep = Annotated[Person, Depends(whoever_may(Act.KEEP_PEOPLE))]
RegistersDep = Annotated[Person, Depends(whoever_may(Act.KEEP_REGISTERS))]
LogDep = Annotated[Person, Depends(whoever_may(Act.SEE_LOG))]
MaybePersonDep = Annotated[Person | None, Depends(person_or_none)]
