"""Back-translation: a second speaker says in Vietnamese what they understood of a step.

A back-translation is stored as a comment of the kind `CommentKind.BACK_TRANSLATION`.
"""

from sqlmodel import Session

from content_server.editorial.drafts.spoken_parts import ENDING, OPENING, change_keys, part_voice
from content_server.editorial.review.consents import speakers_of
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import DraftRow


def parts_made_by(session: Session, row: DraftRow, person_id: int) -> frozenset[str]:
    """Return the parts a person recorded, or wrote where there is no recording.

    A person cannot back-translate a part of their own.
    """
    parts = [OPENING, *steps_of(row.body), ENDING]
    voices = {part: row.media.get(part_voice(row.body, part), "") for part in parts}
    speakers = speakers_of(session, filter(None, voices.values()))
    own = set()
    for part, digest in voices.items():
        changes = (row.field_versions.get(key, {}) for key in change_keys(part))
        makers = [speakers.get(digest)] if digest else [each.get("actor_id") for each in changes]
        if person_id in makers:
            own.add(part)
    return frozenset(own)
