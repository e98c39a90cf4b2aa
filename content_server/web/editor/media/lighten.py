"""Lightening: a lesson over its budget made lighter in one tap, its heaviest pictures first."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.drafts import attach, check_source, open_draft
from content_server.editorial.drafts.snapshots import keep_as
from content_server.editorial.edits import Body, dict_of
from content_server.editorial.publication import made_later
from content_server.editorial.status.staleness import steps_of
from content_server.errors import ChangeRefused
from content_server.media.images.image_worker import lighter_picture
from content_server.media.media_kinds import MediaKind
from content_server.phrases import _
from content_server.pipeline.pipeline import Pipeline
from content_server.site.costs import is_enough, remedy, to_lighten
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SiteBuilderDep
from content_server.web.editor.edition_context import (
    Folder,
    RoadDep,
    Slug,
    place_of,
    said_by,
    see_other,
)
from content_server.web.editor.writing.preview import draft_cost
from content_server.web.permissions import whoever_may

router = APIRouter(include_in_schema=False)
WriteDep = Annotated[Person, Depends(whoever_may(Act.WRITE))]


@router.post("/-/soan/bai/{slug}/{folder}/nhe-bot")
def make_lighter(
    slug: Slug,
    folder: Folder,
    person: WriteDep,
    database: DatabaseDep,
    library: RegistriesDep,
    press: SiteBuilderDep,
    road: RoadDep,
    back: Annotated[str, Form(pattern="^(duyet|)$")] = "",
) -> RedirectResponse:
    """Make the heaviest pictures lighter until the lesson fits; what it was is kept by name.

    Voices are pressed as far as they are understood already. Raises ChangeRefused when nothing
    more can be done here, with what is heaviest and what a person can do about it.
    """
    person.must(Act.WRITE, folder)
    check_source(folder)
    with database.read() as session:
        place = place_of(session, slug, folder, library)
        cost = draft_cost(session, press, place)
        names = to_lighten(cost)
        photos = _photos(place.draft.body, names)
        media = place.draft.media
        sources = {file: media[file] for file in photos.values() if file in media}
    made = _made(road, sources, twice=not is_enough(cost, names))
    if not made and not cost.is_green:
        raise ChangeRefused(remedy(cost))
    with database.write() as session:
        draft = open_draft(session, slug, folder)
        if made:
            keep_as(session, draft, said_by(person, _("Trước khi làm nhẹ")), person.id)
            note(session, person, "lightened", f"{slug}/{folder}")
        for name, file in photos.items():
            if file not in made:
                continue
            new, digest, size_bytes = made[file]
            made_later(session, digest, MediaKind.IMAGE, new, size_bytes)
            attach(session, draft, new, digest, _with_photo(name, file, new), person.id)
    return see_other(f"{place.path}/{back}" if back else place.path)


def _photos(body: Body, names: list[str]) -> dict[str, str]:
    """Return step id → the file of its photo, of the steps that have one."""
    steps = steps_of(body)
    files = {name: str(dict_of(steps.get(name, {}).get("photo")).get("file", "")) for name in names}
    return {name: file for name, file in files.items() if file}


def _with_photo(name: str, old: str, new: str) -> Callable[[Body], Body]:
    def change(body: Body) -> Body:
        photo = dict_of(steps_of(body).get(name, {}).get("photo"))
        if photo.get("file") == old:
            photo["file"] = new
        return body

    return change


def _made(
    road: Pipeline, sources: dict[str, str], *, twice: bool
) -> dict[str, tuple[str, str, int]]:
    """Return file → (lighter file, its digest, its bytes); as small as may be: not in it."""
    made: dict[str, tuple[str, str, int]] = {}
    work = road.settings.data_dir / "work"
    work.mkdir(parents=True, exist_ok=True)
    for file, digest in sources.items():
        with tempfile.NamedTemporaryFile(dir=work) as copy:
            road.store.fetch_to(digest, Path(copy.name))
            lighter = lighter_picture(Path(copy.name))
            if lighter and twice:
                Path(copy.name).write_bytes(lighter[0])
                lighter = lighter_picture(Path(copy.name)) or lighter
        if lighter:
            data, ending = lighter
            new = road.store.put_bytes(data)
            made[file] = (f"anh/{new[:20]}.{ending}", new, len(data))
    return made
