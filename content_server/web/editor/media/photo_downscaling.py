"""Downscales the heaviest photos of a lesson until it is within its data budget."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.drafts import DraftWriter, check_is_source, open_draft
from content_server.editorial.drafts.snapshots import save_snapshot
from content_server.editorial.edits import DraftBody, as_dict
from content_server.editorial.status.staleness import steps_of
from content_server.errors import ChangeRejected
from content_server.lessons.editions.tables import EditionRef
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.images.image_worker import downscale_photo
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.media.store import Store
from content_server.phrases import _
from content_server.pipeline.transcode import register_source
from content_server.settings import Settings
from content_server.site.costs import is_green_after_downscaling, steps_to_downscale, suggest_remedy
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SettingsDep,
    SiteBuilderDep,
    StoreDep,
)
from content_server.web.editor.edition_context import (
    Folder,
    Slug,
    load_edition_context,
    translate_for,
)
from content_server.web.editor.writing.preview import draft_cost
from content_server.web.permissions import requires
from content_server.web.rendering import see_other

router = APIRouter(include_in_schema=False)
WriteDep = Annotated[Person, Depends(requires(Permission.WRITE))]


@router.post(urls.EDITION_DOWNSCALE_PHOTOS)
def reduce_lesson_weight(
    slug: Slug,
    folder: Folder,
    person: WriteDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    site_builder: SiteBuilderDep,
    store: StoreDep,
    settings: SettingsDep,
    back: Annotated[str, Form(pattern="^(duyet|)$")] = "",
) -> RedirectResponse:
    """Downscale the heaviest photos until the lesson fits; a named snapshot keeps the old draft.

    Voices are never re-encoded here: they are as small as speech allows. Raises ChangeRejected,
    with a suggestion, when no photo can be downscaled further.
    """
    person.require(Permission.WRITE, folder)
    check_is_source(folder)
    with database.read() as session:
        context = load_edition_context(session, EditionRef(slug, folder), registries)
        cost = draft_cost(session, site_builder, context)
        names = steps_to_downscale(cost)
        photos = _photo_files(context.draft.body, names)
        media = context.draft.media
        sources = {file: media[file] for file in photos.values() if file in media}
    replacements = _downscale(
        store, settings, sources, twice=not is_green_after_downscaling(cost, names)
    )
    if not replacements and not cost.is_green:
        raise ChangeRejected(suggest_remedy(cost))
    with database.write() as session:
        draft = open_draft(session, EditionRef(slug, folder))
        if replacements:
            save_snapshot(session, draft, translate_for(person, _("Trước khi làm nhẹ")), person.id)
            record_audit_event(session, person, "lesson_size_reduced", f"{slug}/{folder}")
        for name, file in photos.items():
            if file not in replacements:
                continue
            new_file, digest, size_bytes = replacements[file]
            register_source(session, StoredFile(digest, MediaKind.IMAGE, new_file, size_bytes))
            change = _replace_photo(name, file, new_file)
            DraftWriter(session, draft, person.id).attach_file(new_file, digest, change)
    return see_other(context.url(urls.EDITION_REVIEW) if back else context.path)


def _photo_files(body: DraftBody, names: list[str]) -> dict[str, str]:
    """Return step id → photo file, of the steps that have a photo."""
    steps = steps_of(body)
    files = {name: str(as_dict(steps.get(name, {}).get("photo")).get("file", "")) for name in names}
    return {name: file for name, file in files.items() if file}


def _replace_photo(name: str, old: str, new: str) -> Callable[[DraftBody], DraftBody]:
    def change(body: DraftBody) -> DraftBody:
        photo = as_dict(steps_of(body).get(name, {}).get("photo"))
        if photo.get("file") == old:
            photo["file"] = new
        return body

    return change


def _downscale(
    store: Store, settings: Settings, sources: dict[str, str], *, twice: bool
) -> dict[str, tuple[str, str, int]]:
    """Return file → (new file, its digest, its bytes) of the photos that became smaller."""
    replacements: dict[str, tuple[str, str, int]] = {}
    work = settings.data_dir / "work"
    work.mkdir(parents=True, exist_ok=True)
    priority = ToolPriority.from_settings(settings)
    for file, digest in sources.items():
        with tempfile.NamedTemporaryFile(dir=work) as copy:
            store.fetch_to(digest, Path(copy.name))
            smaller = downscale_photo(Path(copy.name), priority)
            if smaller and twice:
                Path(copy.name).write_bytes(smaller[0])
                smaller = downscale_photo(Path(copy.name), priority) or smaller
        if smaller:
            data, extension = smaller
            new_digest = store.put_bytes(data)
            new_file = f"anh/{new_digest[:20]}.{extension}"
            replacements[file] = (new_file, new_digest, len(data))
    return replacements
