#!/usr/bin/env python3
"""Collects every sentence a person sees into the catalogues, keeping the translations they have.

scripts/phrases.py            renew content_server/translations/*.po
scripts/phrases.py --check    exit with 1 when a catalogue misses a sentence, or en has a gap
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "content_server"
TAGS = ("en",)
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]


def found() -> Catalog:
    """Return every sentence in code and templates."""
    catalog = Catalog(project="content-server", charset="utf-8")
    options = {"**/templates/**.html": {"trimmed": "true"}}
    rows = extract_from_dir(PACKAGE, METHODS, options, keywords={"_": None, "gettext": None})
    for name, line, message, comments, _context in rows:
        catalog.add(message, locations=[(name, line)], auto_comments=comments)
    return catalog


def merged(tag: str, template: Catalog) -> Catalog:
    """Return the catalogue of `tag` with today's sentences; sentences gone from the code go."""
    path = PACKAGE / "translations" / f"{tag}.po"
    known = {}
    if path.is_file():
        with path.open("rb") as file:
            known = {message.id: message.string for message in read_po(file) if message.id}
    catalog = Catalog(locale="en", project="content-server", charset="utf-8", fuzzy=False)
    for message in sorted((m for m in template if m.id), key=lambda m: str(m.id)):
        catalog.add(message.id, known.get(message.id, ""))
    return catalog


def main() -> int:
    """Renew or check each catalogue."""
    template, gaps = found(), 0
    for tag in TAGS:
        catalog = merged(tag, template)
        empty = [message.id for message in catalog if message.id and not message.string]
        gaps += len(empty)
        for message in empty:
            print(f"{tag}.po: {message}")
        if "--check" not in sys.argv:
            with (PACKAGE / "translations" / f"{tag}.po").open("wb") as file:
                write_po(file, catalog, width=98, omit_header=True)
    return 1 if gaps and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
