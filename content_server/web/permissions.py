"""Permissions of routes: each route is public or requires one, as a dependency.

    router = APIRouter(dependencies=[Depends(requires(Permission.MANAGE_ACCOUNTS))])

`check_every_route_declares_a_permission` refuses to start a server with a route that has neither.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.accounts.sessions import find_session, is_touch_due, touch_session
from content_server.errors import DatabaseBusy, InsecureTransport, NotSignedIn
from content_server.phrases import _
from content_server.web.app_state import app_state
from content_server.web.transport_security import Transport

COOKIE, SAFE_COOKIE = "session", "__Host-session"  # the second only over HTTPS
SHARED_MARK = "s."  # before a shared machine's token; when its session ends, site data is cleared
PUBLIC_WITHOUT_DECLARATION = {urls.OPENAPI}


class Public:
    """The permission of a public route: everybody may use it, signed in or not."""

    def __call__(self) -> None:
        return None


class Requires:
    """Requires a signed-in person who has `permission`, in some language or unit."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Person:
        person = signed_in_person(request)
        if person is None:
            raise NotSignedIn(_("Xin vào bằng tên và câu mật khẩu của bác trước đã."))
        person.require(self.permission)
        return person


@cache
def requires(permission: Permission) -> Requires:
    """Return the dependency that requires `permission`.

    A route for one language or unit also checks `person.require(permission, folder)` itself.
    """
    return Requires(permission)


public = Depends(Public())


def signed_in_person(request: Request) -> Person | None:
    """Return the person who is signed in, read once a request. Raises DatabaseBusy."""
    if not hasattr(request.state, "person"):
        request.state.person = _read_signed_in_person(request)
    person: Person | None = request.state.person
    return person


def session_token(request: Request) -> str | None:
    """Return the token of the session cookie; None without one, or over an insecure transport."""
    transport: Transport = request.state.transport
    if not transport.is_private:
        return None
    value = request.cookies.get(SAFE_COOKIE if transport.is_encrypted else COOKIE)
    return value.removeprefix(SHARED_MARK) if value else None


def is_shared_machine(request: Request) -> bool:
    """Tell whether the browser has the cookie of a session on a shared machine, ended or not."""
    return any(request.cookies.get(n, "").startswith(SHARED_MARK) for n in (COOKIE, SAFE_COOKIE))


def _read_signed_in_person(request: Request) -> Person | None:
    token = session_token(request)
    if not token:
        return None
    database = app_state(request).database
    with database.read() as session:
        session_and_person = find_session(session, token)
    if session_and_person is None or session_and_person[0].totp_pending:
        return None
    row, person = session_and_person
    if is_touch_due(row):
        with suppress(DatabaseBusy), database.write() as session:
            touch_session(session, person.session_id, person.grants)
    return person


def set_session_cookie(
    response: Response, request: Request, token: str, *, shared: bool, age_s: int
) -> None:
    """Set the session cookie. Raises InsecureTransport."""
    transport: Transport = request.state.transport
    if not transport.is_private:
        raise InsecureTransport(_("Chỉ vào được bằng địa chỉ https://."))
    response.set_cookie(
        SAFE_COOKIE if transport.is_encrypted else COOKIE,
        (SHARED_MARK if shared else "") + token,
        max_age=None if shared else age_s,  # on a shared machine it ends with the browser
        path="/",
        secure=transport.is_encrypted,
        httponly=True,
        samesite="lax",  # with "strict" a link in a chat would open signed out
    )


def clear_session_cookies(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(SAFE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def iterate_routes(app: FastAPI) -> Iterator[BaseRoute]:
    """Yield every route of the app, those of included routers too."""
    yield from _iterate_routes(app.routes)


def _iterate_routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _iterate_routes(inner.routes)
        else:
            yield route


def permission_of(route: BaseRoute) -> Public | Requires | None:
    """Return the strictest permission a route declares; None when it declares none."""
    if not isinstance(route, APIRoute):
        return None
    calls = _dependency_calls(route.dependant)
    permissions = [call for call in calls if isinstance(call, Public | Requires)]
    permissions.sort(key=lambda permission: isinstance(permission, Public))
    return permissions[0] if permissions else None


def check_every_route_declares_a_permission(app: FastAPI) -> None:
    """Raise RuntimeError when a route declares no permission.

    The permission is also made the first dependency of the route: without it a visitor does not
    learn whether what they asked for exists.
    """
    for route in iterate_routes(app):
        path = getattr(route, "path", "")
        if path in PUBLIC_WITHOUT_DECLARATION:
            continue
        permission = permission_of(route)
        if permission is None or not isinstance(route, APIRoute):
            raise RuntimeError(f"a route without a permission: {path}; see web/permissions.py")
        first = Depends(permission)  # FastAPI calls it once a request, however often it is named
        if first not in route.dependencies:
            route.dependencies.insert(0, first)


def _dependency_calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _dependency_calls(each)


SelfDep = Annotated[Person, Depends(requires(Permission.MANAGE_OWN_ACCOUNT))]
WorkDep = Annotated[Person, Depends(requires(Permission.VIEW_LESSONS))]
TrainerDep = Annotated[Person, Depends(requires(Permission.TEACH))]
AccountsAdminDep = Annotated[Person, Depends(requires(Permission.MANAGE_ACCOUNTS))]
RegistriesAdminDep = Annotated[Person, Depends(requires(Permission.EDIT_REGISTRIES))]
AuditLogDep = Annotated[Person, Depends(requires(Permission.VIEW_AUDIT_LOG))]
MaybePersonDep = Annotated[Person | None, Depends(signed_in_person)]
