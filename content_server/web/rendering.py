"""Renders the editors' pages from templates, as responses that no cache may store."""

import gzip
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.phrases import Phrase, gettext_for
from content_server.web.app_state import app_state

TEMPLATES_DIR = Path(__file__).parent / "templates"
UI_LANGUAGES = ("vi", "en")  # of the editors' pages; the first is the default
MIN_GZIP_BYTES, GZIP_LEVEL = 1_000, 5
SUNLIGHT_COOKIE, LANGUAGE_COOKIE = "sun", "tag"

# No inline script or style, nothing from other hosts. data: and blob: show pictures just taken.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; connect-src 'self'; frame-src 'self'; worker-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",  # with no-referrer a form's Origin would be "null"
    "X-Content-Type-Options": "nosniff",
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.globals["urls"] = urls
    return environment


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return a page in the visitor's language; a name that `context` lacks is an error.

    Every template has: `_` (translates a Vietnamese sentence), `say` (translates a Phrase), `tag`
    (the language), `person` (or None), `may(act)`, `asset(name)`, `sunlight`, `here` (the path; a
    page that answers a form passes the path of a page), `error` and `done` (Phrase or None), `urls`
    (the module of the addresses).
    """
    html = _environment().get_template(template).render(page_context(request) | context)
    return compress_page(request, HTMLResponse(html, status, HEADERS))


def see_other(path: str) -> RedirectResponse:
    """Return a redirect after a form was sent (303), not to be cached."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def compress_page(request: Request, response: HTMLResponse) -> HTMLResponse:
    """Compress a page when the browser accepts gzip. Safe (BREACH): pages hold no secrets."""
    accepted = request.headers.get("accept-encoding", "")
    if "gzip" in accepted and len(response.body) > MIN_GZIP_BYTES:
        response.body = gzip.compress(bytes(response.body), GZIP_LEVEL, mtime=0)
        response.headers["content-length"] = str(len(response.body))
        response.headers["content-encoding"] = "gzip"
        response.headers["vary"] = "Accept-Encoding"
    return response


def page_context(request: Request) -> dict[str, object]:
    """Return the variables every template has."""
    person: Person | None = getattr(request.state, "person", None)
    assets = app_state(request).assets
    tag = page_language(request, person)

    def say(phrase: Phrase | str | None) -> str:
        return phrase.translate(tag) if isinstance(phrase, Phrase) else str(phrase or "")

    return {
        "_": gettext_for(tag),
        "say": say,
        "tag": tag,
        "person": person,
        "may": lambda act, *scope: person is not None and person.may(Permission(act), *scope),
        "asset": assets.path,
        "sunlight": request.cookies.get(SUNLIGHT_COOKIE) == "1",
        "here": request.url.path,
        "error": None,
        "done": None,
    }


def page_language(request: Request, person: Person | None) -> str:
    """Return the language of pages: the person's, else the browser's cookie, else Vietnamese."""
    language = (
        person.locale_tag if person else request.cookies.get(LANGUAGE_COOKIE, UI_LANGUAGES[0])
    )
    return language if language in UI_LANGUAGES else UI_LANGUAGES[0]
