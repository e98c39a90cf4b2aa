"""The translation page: source and translation side by side, and what is stale."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.draft_validation import validate_draft
from content_server.editorial.drafts.drafts import conflicts_of, draft_of
from content_server.editorial.edits import DraftBody, as_dict
from content_server.editorial.exchange.text_tables import (
    TranslationUnit,
    lesson_translation_units,
    step_translation_units,
)
from content_server.editorial.review.comments import comments_of
from content_server.editorial.review.word_diff import DiffSegment, word_diff
from content_server.editorial.review.workflow import latest_source
from content_server.editorial.status.staleness import (
    StepFreshness,
    find_sentence,
    freshness_by_step,
    load_small_changes,
    sentence_in,
    steps_of,
)
from content_server.editorial.tables import CommentKind
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.site.tree.rendition_index import RenditionIndex
from content_server.web.editor.edition_context import EditionContext, format_time, load_source_body
from content_server.web.editor.rendition_urls import draft_renditions, voice_url
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.rendering import render


@dataclass(frozen=True)
class TranslationPair:
    """One step of the source and its translation."""

    id: str
    number: int
    picture: PictureView
    lines: tuple[TranslationUnit, ...]
    freshness: StepFreshness
    diff: tuple[DiffSegment, ...]  # of the source since it was translated
    fingerprint: str  # of the present source sentence
    recording_diff: tuple[DiffSegment, ...]  # of the text since it was recorded
    spoken_fingerprint: str  # of the text a recording would say now
    back_translation: str
    source_voice: str  # URL; empty without a voice, or while it is transcoded
    own_voice: str
    has_voice: bool


def translation_page(
    request: Request, context: EditionContext, person: Person, session: Session
) -> HTMLResponse:
    """Show a translation beside its source."""
    source = load_source_body(session, context.slug)
    freshness = freshness_by_step(
        source, context.draft.body, load_small_changes(session, context.slug)
    )
    back_translations = _back_translations(session, context)
    source_draft = draft_of(session, EditionRef(context.slug, SOURCE_FOLDER))
    source_media = draft_renditions(session, source_draft), source_draft.media
    _model, problems = validate_draft(
        context.draft.body, latest_source(session, context.slug), context.registries
    )
    return render(
        request,
        "editor/translation.html",
        edition=context,
        pairs=[
            _translation_pair(
                session,
                context,
                step,
                number,
                freshness[name],
                back_translations.get(name, ""),
                source_media,
            )
            for number, (name, step) in enumerate(steps_of(source).items(), 1)
        ],
        lesson=list(lesson_translation_units(source, context.draft.body)),
        problems=problems,
        saved=format_time(context.draft.saved_at) if context.draft.id else "",
        conflicts=len(conflicts_of(session, context.draft)) if context.draft.id else 0,
        can_write=person.may(Permission.TRANSLATE, context.folder),
        languages=list(context.registries.locales.values()),
    )


def _translation_pair(
    session: Session,
    context: EditionContext,
    step: DraftBody,
    number: int,
    freshness: StepFreshness,
    back_translation: str,
    source_media: tuple[RenditionIndex, dict[str, str]],
) -> TranslationPair:
    name, now = str(step["id"]), sentence_in(step)
    own = as_dict(as_dict(context.draft.body.get("steps")).get(name))
    before = ""
    if freshness.words_stale:
        before = find_sentence(session, context.slug, name, own.get("made_from"))
    renditions, media = source_media
    own_renditions = draft_renditions(session, context.draft)
    return TranslationPair(
        id=name,
        number=number,
        picture=picture_view(step, str(step.get("tap") or ""), renditions, media),
        lines=tuple(step_translation_units(name, step, own)),
        freshness=freshness,
        diff=word_diff(before, now) if before else (),
        fingerprint=source_fingerprint(now),
        recording_diff=recording_diff(session, context, name, own, now)
        if freshness.voice_stale
        else (),
        spoken_fingerprint=source_fingerprint(sentence_in(own) or now),
        back_translation=back_translation,
        source_voice=voice_url(step.get("voice"), media, renditions),
        own_voice=voice_url(own.get("voice"), context.draft.media, own_renditions),
        has_voice=bool(own.get("voice")),
    )


def recording_diff(
    session: Session, context: EditionContext, name: str, own: DraftBody, source: str
) -> tuple[DiffSegment, ...]:
    """Return how the text has changed since it was recorded; () when the old text is unknown."""
    fingerprint, now = own.get("spoken_from"), sentence_in(own) or source
    folders = (context.folder, SOURCE_FOLDER)  # without own text the voice speaks the source
    found = (find_sentence(session, context.slug, name, fingerprint, folder) for folder in folders)
    before = next((sentence for sentence in found if sentence), "")
    return word_diff(before, now) if before else ()


def _back_translations(session: Session, context: EditionContext) -> dict[str, str]:
    """Return step id → the newest back-translation."""
    if context.edition.id is None:
        return {}
    comments = comments_of(session, context.edition)
    return {row.step: row.text for row in comments if row.kind is CommentKind.BACK_TRANSLATION}
