"""Attaching: a voice, photo or clip put into a draft's step, with what is to be known of it."""

from sqlmodel import Session

from content_server.editorial.drafts.drafts import attach
from content_server.editorial.drafts.spoken_parts import ENDING, TITLE
from content_server.editorial.drafts.step_order import with_step
from content_server.editorial.edits import Body, dict_of, part_of
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import DraftRow
from content_server.errors import ChangeRefused
from content_server.phrases import _

BY_PEOPLE = "thu/"  # where recordings of people lie; files of this name are never a machine's


def voice_file(digest: str, ending: str) -> str:
    return f"{BY_PEOPLE}{digest[:20]}.{ending}"


def attach_voice(  # noqa: PLR0913, PLR0917  # what, where, of which words, and by whom
    session: Session,
    row: DraftRow,
    part: str,
    file: str,
    digest: str,
    stamp: str,
    by_id: int | None,
) -> None:
    """Put a person's recording into a part; stale once its words no longer have this stamp."""

    def change(body: Body) -> Body:
        if part == ENDING:
            body["ending_voice"] = file
        else:
            holder = part_of(body, part)
            holder["voice"] = file
            if part != TITLE:
                holder["spoken_from"] = stamp
        return _said_who(body)

    attach(session, row, file, digest, change, by_id)


def attach_clip(  # noqa: PLR0913, PLR0917  # what, where, and by whom
    session: Session, row: DraftRow, step: str, file: str, digest: str, by_id: int | None
) -> str:
    """Put a clip into a step of its kind, or a new one; return the step's id."""
    name = step

    def change(body: Body) -> Body:
        nonlocal name
        if not step:
            body, name = with_step(body, "watch", None)
        holder = part_of(body, name)
        if "watch" not in holder:
            raise ChangeRefused(_("Bước này không phải đoạn phim nữa. Chọn lại bước."))
        holder["watch"] = {**dict_of(holder["watch"]), "clip": file}
        return body

    attach(session, row, file, digest, change, by_id)
    return name


def attach_photo(  # noqa: PLR0913, PLR0917  # what, where, and by whom
    session: Session, row: DraftRow, step: str, photo: Body, digest: str, by_id: int | None
) -> str:
    """Put a photo into a step instead of its picture, or into a new step; return the step's id."""
    name = step

    def change(body: Body) -> Body:
        nonlocal name
        if not step:
            body, name = with_step(body, "show", None)
        holder = part_of(body, name)
        for other in ("screen", "scene", "tap"):
            holder.pop(other, None)
        holder["photo"] = photo
        return body

    attach(session, row, str(photo["file"]), digest, change, by_id)
    return name


def _said_who(body: Body) -> Body:
    """Say that people speak, once no voice of a machine is left."""
    voices = [body.get("voice"), body.get("ending_voice")]
    voices += [step.get("voice") for step in steps_of(body).values()]
    if all(str(voice).startswith(BY_PEOPLE) for voice in voices if voice):
        body.pop("voices", None)  # a person's is the usual voice
    return body
