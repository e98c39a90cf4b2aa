"""Renders the pages of the rooms: a template and its context in, an answer nobody may keep out."""

import gzip
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from content_server.accounts.roles import Act, Person
from content_server.phrases import Phrase, speaker
from content_server.web.assets import Assets

HERE = Path(__file__).parent / "templates"
TAGS = ("vi", "en")  # what the rooms speak; the first is the usual one
SMALL_BYTES, GZIP_LEVEL = 1_000, 5
SUN_COOKIE, TAG_COOKIE = "sun", "tag"

# No inline script or style, nothing from elsewhere. data: and blob: for pictures just taken.
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
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.filters["filled"] = lambda given: {k: v for k, v in given.items() if v}
    return environment


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return a room's page in the language of whoever asks; a name it lacks is an error.

    Templates know: `_` (says a Vietnamese sentence), `say` (says a Phrase), `tag`, `person` (or
    None), `may` (a question about `Act`), `asset(name)`, `sunlight`, `here` (the path).
    """
    html = _environment().get_template(template).render(shell(request) | context)
    return packed(request, HTMLResponse(html, status, HEADERS))


def packed(request: Request, answer: HTMLResponse) -> HTMLResponse:
    """Make a page small for the line, when the browser can take it. No secret is ever in a page."""
    asked = request.headers.get("accept-encoding", "")
    if "gzip" in asked and len(answer.body) > SMALL_BYTES:
        answer.body = gzip.compress(bytes(answer.body), GZIP_LEVEL, mtime=0)
        answer.headers["content-length"] = str(len(answer.body))
        answer.headers["content-encoding"] = "gzip"
        answer.headers["vary"] = "Accept-Encoding"
    return answer


def shell(request: Request) -> dict[str, object]:
    """Return what every page of the rooms knows."""
    person: Person | None = getattr(request.state, "person", None)
    assets: Assets = request.app.state.assets
    tag = tag_of(request, person)

    def say(phrase: Phrase | str | None) -> str:
        return phrase.said_in(tag) if isinstance(phrase, Phrase) else str(phrase or "")

    return {
        "_": speaker(tag),
        "say": say,
        "tag": tag,
        "person": person,
        "may": lambda act, *place: person is not None and person.may(Act(act), *place),
        "asset": assets.path,
        "sunlight": request.cookies.get(SUN_COOKIE) == "1",
        "here": request.url.path,
        "error": None,
        "done": None,
    }


def tag_of(request: Request, person: Person | None) -> str:
    """Return the language to speak: the person's own, the browser's choice here, Vietnamese."""
    wanted = person.tag if person else request.cookies.get(TAG_COOKIE, TAGS[0])
    return wanted if wanted in TAGS else TAGS[0]
