"""Renders a page: takes a context, returns HTML as bytes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from rcssmin import cssmin
from rjsmin import jsmin

from content_server import urls
from content_server.phrases import gettext_for, ui_language
from content_server.site.pages.contexts import PageContext

SITE_FOLDER = Path(__file__).parents[1]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(SITE_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.globals["urls"] = urls
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


# Which page includes which, and where, is decided in the templates.
STYLES = (
    *("first", "step", "frame", "foot", "lesson", "list", "later", "household", "box"),
    *("deck", "plan", "cards", "notes", "remote", "packs"),
)
SCRIPTS = {  # template variable → files of inline/, joined in order
    "script": ("reader",),
    "household_script": ("household",),
    "box_script": ("box",),
    "deck_script": (
        "loopback",
        "qr",
        "remote-channel",
        "deck",
        "deck-poll",
        "deck-keys",
        "deck-remote",
        "deck-share",
    ),
    "plan_script": ("loopback", "qr", "remote-channel", "plan", "plan-present"),
    "remote_script": ("remote-channel", "remote"),
    "packs_script": ("packs",),
}


@cache
def load_inline_assets() -> Mapping[str, Markup]:
    """Return the minified inline styles and scripts, by template variable."""
    inline = SITE_FOLDER / "inline"
    parts = {name: cssmin((inline / f"{name}.css").read_text("utf-8")) for name in STYLES}
    for name, files in SCRIPTS.items():
        parts[name] = "\n".join(jsmin((inline / f"{f}.js").read_text("utf-8")) for f in files)
    return {name: Markup(part) for name, part in parts.items()}  # noqa: S704  # our own files


def render_page(page: PageContext) -> bytes:
    """Return the HTML of `page`. Raises UndefinedError for a field its context lacks."""
    i18n = {"_": gettext_for(page.tag), "ui": ui_language(page.tag)}
    html = _template(page.template).render(page=page, **i18n, **load_inline_assets())
    return "\n".join(line for line in html.splitlines() if line.strip()).encode()
