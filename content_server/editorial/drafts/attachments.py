"""Attachments: put a stored recording, photo or clip into a step of a draft."""

from content_server.editorial.drafts.drafts import DraftWriter
from content_server.editorial.drafts.spoken_parts import ENDING, OPENING
from content_server.editorial.drafts.step_order import insert_step
from content_server.editorial.edits import DraftBody, as_dict, part_of
from content_server.editorial.status.staleness import steps_of
from content_server.errors import ChangeRejected
from content_server.phrases import _

PEOPLE_VOICE_FOLDER = "thu/"  # only recordings of people have names in this folder


def voice_path(digest: str, extension: str) -> str:
    return f"{PEOPLE_VOICE_FOLDER}{digest[:20]}.{extension}"


def attach_voice(
    writer: DraftWriter, part: str, file: str, digest: str, sentence_fingerprint: str
) -> None:
    """Put a person's recording into a spoken part.

    `sentence_fingerprint`: of the sentence that was read; the recording is stale once it differs.
    """

    def change(body: DraftBody) -> DraftBody:
        if part == ENDING:
            body["ending_voice"] = file
        else:
            holder = part_of(body, part)
            holder["voice"] = file
            if part != OPENING:
                holder["spoken_from"] = sentence_fingerprint
        return _update_voice_kind(body)

    writer.attach_file(file, digest, change)


def attach_clip(writer: DraftWriter, step: str, file: str, digest: str) -> str:
    """Put a clip into a watch step, a new one when `step` is empty; return the step's id.

    Raises ChangeRejected when the step is not a watch step.
    """
    name = step

    def change(body: DraftBody) -> DraftBody:
        nonlocal name
        body, name = _step_or_new(body, step, "watch")
        holder = part_of(body, name)
        if "watch" not in holder:
            raise ChangeRejected(_("Bước này không phải đoạn phim nữa. Chọn lại bước."))
        holder["watch"] = {**as_dict(holder["watch"]), "clip": file}
        return body

    writer.attach_file(file, digest, change)
    return name


def attach_photo(writer: DraftWriter, step: str, photo: DraftBody, digest: str) -> str:
    """Put a photo into a step in place of its picture, or a new step; return the step's id."""
    name = step

    def change(body: DraftBody) -> DraftBody:
        nonlocal name
        body, name = _step_or_new(body, step, "show")
        holder = part_of(body, name)
        for other in ("screen", "scene", "tap"):
            holder.pop(other, None)
        holder["photo"] = photo
        return body

    writer.attach_file(str(photo["file"]), digest, change)
    return name


def _step_or_new(body: DraftBody, step: str, kind: str) -> tuple[DraftBody, str]:
    return (body, step) if step else insert_step(body, kind, None)


def _update_voice_kind(body: DraftBody) -> DraftBody:
    """Remove `voices: machine` once every recording of the edition is a person's."""
    voices = [body.get("voice"), body.get("ending_voice")]
    voices += [step.get("voice") for step in steps_of(body).values()]
    if all(str(voice).startswith(PEOPLE_VOICE_FOLDER) for voice in voices if voice):
        body.pop("voices", None)  # the default is a person
    return body
