"""Renders a page: a context in, finished HTML bytes out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from rcssmin import cssmin
from rjsmin import jsmin

from content_server.phrases import speaker, tongue
from content_server.site.pages.contexts import Page

HERE = Path(__file__).parents[1]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


# Templates say which page takes which, and where.
STYLES = (
    *("first", "step", "frame", "foot", "lesson", "list", "later", "household", "box"),
    *("deck", "plan", "cards", "notes", "remote", "packs"),
)
SCRIPTS = {  # each made of these files, in order
    "script": ("reader",),
    "households": ("household",),
    "box_script": ("box",),
    "deck_script": (
        "only-here",
        "qr",
        "phone-line",
        "deck",
        "deck-hands",
        "deck-keys",
        "deck-phone",
        "deck-home",
    ),
    "plan_script": ("only-here", "qr", "phone-line", "plan", "plan-show"),
    "remote_script": ("phone-line", "remote"),
    "packs_script": ("packs",),
}


@cache
def inline_parts() -> Mapping[str, Markup]:
    """Return the styles and scripts pages carry, made small once."""
    inline = HERE / "inline"
    parts = {name: cssmin((inline / f"{name}.css").read_text("utf-8")) for name in STYLES}
    for name, files in SCRIPTS.items():
        parts[name] = "\n".join(jsmin((inline / f"{f}.js").read_text("utf-8")) for f in files)
    return {name: Markup(part) for name, part in parts.items()}  # noqa: S704  # our own files


def render(page: Page) -> bytes:
    """Return the HTML of `page`, in its language; a name it does not have is an error."""
    spoken = {"_": speaker(page.tag), "ui": tongue(page.tag)}  # ui: the language `_` speaks
    html = _template(page.template).render(page=page, **spoken, **inline_parts())
    return "\n".join(line for line in html.splitlines() if line.strip()).encode()
