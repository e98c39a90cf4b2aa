#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Fills a data folder with many lessons in many languages, for bench/editor_pages.py.

bench/seed.py FOLDER [--lessons 500] [--languages 8]
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session

from content_server.lessons.bundle import Edition, find_bundles, read_bundle
from content_server.lessons.editions.revisions import get_or_create_edition, write_revision
from content_server.lessons.editions.tables import EditionRef, EditionState, Origin
from content_server.lessons.lesson import Lesson, Translation
from content_server.lessons.registries.registries import read_registries
from content_server.locales import Folder
from content_server.services import Services, open_services
from content_server.settings import Settings

STATES = list(EditionState)


def seed(services: Services, lessons: int, languages: int) -> int:
    """Write copies of the starter lessons, in every state, and return how many editions."""
    registries = read_registries(services.settings.lessons_dir)
    files = find_bundles(services.settings.lessons_dir)
    patterns = [
        read_bundle(slug, paths, registries, services.settings.media_dir, lambda _path: None)
        for slug, paths in files.items()
    ]
    folders = list(registries.locales)[:languages]
    services.pipeline.ingester.ingest_registries()
    with services.database.write() as session:
        for number in range(lessons):
            bundle = patterns[number % len(patterns)]
            _write_lesson(session, number, f"{bundle.slug}-{number}", bundle.editions, folders)
    return lessons * len(folders)


def _write_lesson(
    session: Session, number: int, slug: str, editions: Sequence[Edition], folders: Sequence[Folder]
) -> None:
    by_folder = {edition.folder: edition for edition in editions}
    pattern = by_folder.get(Folder("hmn")) or editions[0]
    for place, folder in enumerate(folders):
        edition = by_folder.get(folder, pattern)
        body = edition.body.model_dump(mode="json", exclude_defaults=True)
        body["title"] = f"{number + 1}. {body.get('title', slug)}"[:50]
        body.pop("number", None)
        model = Lesson if folder == "vi" else Translation
        row = get_or_create_edition(session, EditionRef(slug, folder))
        revision, _new = write_revision(session, row, model.model_validate(body), {}, Origin.FILE)
        row.state = EditionState.PUBLISHED if place == 0 else STATES[(number + place) % len(STATES)]
        row.published_revision = revision.number
        session.add(row)


def main() -> None:
    """Read the command line and seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lessons", type=int, default=500)
    parser.add_argument("--languages", type=int, default=8)
    options = parser.parse_args()
    services = open_services(Settings(data_dir=options.folder.absolute()))
    print(json.dumps({"editions": seed(services, options.lessons, options.languages)}))


if __name__ == "__main__":
    main()
