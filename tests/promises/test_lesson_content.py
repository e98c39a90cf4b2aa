"""The lessons themselves: every figure of the contents' promise, for every lesson and language.

A quoted label is what follows a pointing word (bấm, chọn, nút, ô, chữ, dòng …) and begins with a
capital letter: "bấm Kiểm tra", "nút to có chữ Kiểm tra". It must be a label of that step's own
picture, whole or its first words. A sentence that says something is *not* there quotes nothing.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache

import pytest
import yaml

from content_server.errors import BundleRejected
from content_server.lessons.bundle import Bundle, find_bundles, read_bundle
from content_server.lessons.lesson import (
    Ask,
    EditionBody,
    IfWrong,
    Lesson,
    Picture,
    Practise,
    ReviewState,
    Show,
    Step,
    StepWords,
    Translation,
    Watch,
    sentence_of,
)
from content_server.lessons.registries.registries import Registries, read_registries
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.locales import SOURCE_FOLDER, Folder, fallback_chain
from content_server.settings import PROJECT_DIR

LESSONS, MEDIA = PROJECT_DIR / "lessons", PROJECT_DIR / "media"
FILES = find_bundles(LESSONS)
EDITIONS = [(slug, folder) for slug, folders in FILES.items() for folder in folders]
TODAY = datetime.now(UTC).date()

WORDS = 12  # in one sentence: what is remembered until the finger is there
OLDEST_DAYS = 120  # applications change their buttons about three times a year
LEAST_TAPS = 4

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
POINTING = re.compile(
    r"(?:\b(?:bấm vào|bấm|chọn|nhấn|nút|chữ|ô|dòng|mục|tên|thấy|công tắc)|^vào)\s+(?=\w)",
    re.IGNORECASE,
)
CLAUSE_END = re.compile(r"[.,!?;:]")
NOT_THERE = re.compile(r"^(?:không|chưa|chẳng) (?:thấy|có)\b", re.IGNORECASE)
UNKIND = re.compile(r"^(?:sai|nhầm|không đúng|chưa đúng)\b|\b(?:sai|nhầm) rồi\b", re.IGNORECASE)
# hóa, khỏe, thủy: the mark on the first of two vowels. "quý" is no such pair.
MARK_ON_SECOND = re.compile(r"\w*(?:o[áàảãạéèẻẽẹ]|(?<!q)u[ýỳỷỹỵ])\b", re.IGNORECASE)
# Neither Vietnamese nor the state's Mông ends a syllable in -j, or doubles a vowel before -b.
FOREIGN_SPELLING = re.compile(r"\b\w*(?:[aeiouw]j|oob|eeb|aab)\b", re.IGNORECASE)

Placed = tuple[str, str]  # where: "bước xem-ten"; what is said there


@cache
def library() -> Registries:
    return read_registries(LESSONS)


@cache
def bundle(slug: str) -> Bundle:
    """Read a lesson as ingest does; lengths of recordings are checked where they are made."""
    try:
        return read_bundle(slug, FILES[slug], library(), MEDIA, lambda _path: None)
    except BundleRejected as rejected:
        pytest.fail(f"{slug}\n{rejected.translate('vi')}", pytrace=False)


def edition(slug: str, folder: str) -> EditionBody:
    return next(each.body for each in bundle(slug).editions if each.folder == folder)


def none_wrong(slug: str, folder: str, problems: Iterable[str]) -> None:
    """Fail with every problem, each at its file and step."""
    told = [f"lessons/{folder}/{slug}.yaml, {problem}" for problem in problems]
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def said_in(body: EditionBody) -> Iterator[Placed]:
    """Yield everything a villager reads or hears in an edition, with its place."""
    for name in ("title", "why", "safety", "success", "warning"):
        if text := getattr(body, name):
            yield name, text
    for name, step in steps_of(body):
        sentence = step.sentence if isinstance(step, StepWords) else sentence_of(step)
        if sentence:
            yield f"bước {name}", sentence
        for number, frame in enumerate(getattr(step, "practise", None) or (), 1):
            yield f"bước {name}, lần bấm {number}, hint", frame.hint
            if frame.say:
                yield f"bước {name}, lần bấm {number}, say", frame.say
        for number, answer in enumerate(getattr(step, "answers", None) or (), 1):
            yield f"bước {name}, trả lời {number}, say", answer.say
            yield f"bước {name}, trả lời {number}, because", answer.because


def steps_of(body: EditionBody) -> list[tuple[str, Step | StepWords]]:
    if isinstance(body, Translation):
        return list(body.steps.items())
    return [(step.id, step) for step in body.steps]


def labels_of(picture: Picture) -> tuple[str, ...]:
    if picture.screen:
        return picture.screen.labels()
    return picture.scene.labels() if picture.scene else ()


def quoted_in(text: str) -> Iterator[str]:
    """Yield the rest of the clause behind every pointing word that a capital letter follows."""
    for sentence in SENTENCE_END.split(text):
        if NOT_THERE.search(sentence):
            continue
        for found in POINTING.finditer(sentence):
            clause = CLAUSE_END.split(sentence[found.end() :])[0].strip()
            if clause[:1].isupper():
                yield clause


def begins_with(text: str, words: str) -> bool:
    return bool(words) and re.match(rf"{re.escape(words)}(?!\w)", text) is not None


def is_shown(clause: str, labels: Iterable[str]) -> bool:
    """Whether the clause begins with a label, or is the first words of one."""
    return any(begins_with(clause, label) or begins_with(label, clause) for label in labels)


def age_problems(day: date, what: str) -> Iterator[str]:
    days = (TODAY - day).days
    if days > OLDEST_DAYS:
        yield (
            f"{what}: kiểm tra ngày {day}, đã {days} ngày, quá {OLDEST_DAYS}. "
            "Xem lại trên điện thoại thật rồi sửa ngày."
        )
    if days < -1:  # a day ahead is only another time zone
        yield f"{what}: ngày {day} còn chưa đến."


@pytest.mark.parametrize("slug", FILES)
def test_every_lesson_is_read_without_a_problem(slug: str) -> None:
    assert bundle(slug).source.title


@pytest.mark.parametrize("slug", FILES)
def test_every_label_quoted_is_on_the_screen_of_its_step(slug: str) -> None:
    problems = []
    for step in bundle(slug).source.steps:
        said: list[tuple[str, str | None, Picture]] = [("", sentence_of(step), step)]
        if isinstance(step, Practise):
            said = [
                (f", lần bấm {number}", text, Picture(screen=frame.screen))
                for number, frame in enumerate(step.practise, 1)
                for text in (frame.say, frame.hint)
            ]
        elif not isinstance(step, Show | IfWrong):
            continue
        for where, text, picture in said:
            problems += [
                f"bước {step.id}{where}: {clause!r} không có trên hình. Có: {labels_of(picture)}"
                for clause in quoted_in(text or "")
                if not is_shown(clause, labels_of(picture))
            ]
    none_wrong(slug, SOURCE_FOLDER, problems)


@pytest.mark.parametrize(("slug", "folder"), [e for e in EDITIONS if e[1] != SOURCE_FOLDER])
def test_a_translation_keeps_the_labels_as_they_stand_on_the_screen(slug: str, folder: str) -> None:
    body = edition(slug, folder)
    assert isinstance(body, Translation)
    problems = []
    for step in bundle(slug).source.steps:
        words = body.steps.get(step.id)
        if words is None or not words.sentence or not isinstance(step, Show | IfWrong):
            continue
        for clause in quoted_in(sentence_of(step)):
            labels = [label for label in labels_of(step) if begins_with(clause, label)]
            if labels and not any(label in words.sentence for label in labels):
                problems.append(f"bước {step.id}: thiếu chữ trên nút {labels}")
    none_wrong(slug, folder, problems)


@pytest.mark.parametrize("slug", FILES)
def test_facts_and_contacts_are_fresh(slug: str) -> None:
    lesson = bundle(slug).source
    problems = list(age_problems(lesson.checked_on, "checked_on"))
    for fact in lesson.sources:
        problems += age_problems(fact.checked_on, f"sources, {fact.what[:40]}…")
    for name in lesson.help:
        contact = library().contacts[name]
        problems += age_problems(contact.verified_on, f"help, {name} trong contacts.yaml")
        if not contact.tel and not contact.site:
            problems.append(f"help, {name}: chưa có số gọi hay địa chỉ trong contacts.yaml")
    none_wrong(slug, SOURCE_FOLDER, problems)


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_sentences_are_short(slug: str, folder: str) -> None:
    problems = []
    for where, text in said_in(edition(slug, folder)):
        for sentence in SENTENCE_END.split(text):
            count = sum(any(map(str.isalnum, word)) for word in sentence.split())
            if count > WORDS:
                problems.append(f"{where}: {count} chữ, tối đa {WORDS}: {sentence!r}")
    none_wrong(slug, folder, problems)


@cache
def glossary() -> list[tuple[str, re.Pattern[str], tuple[str, ...]]]:
    """Return (the word we say, what finds the words we do not, compounds that are fine)."""
    entries = yaml.safe_load((LESSONS / "glossary.yaml").read_text("utf-8"))
    return [
        (
            word,
            re.compile(rf"\b(?:{'|'.join(map(re.escape, entry['not']))})\b", re.IGNORECASE),
            tuple(entry.get("except", ())),
        )
        for word, entry in entries.items()
    ]


def without(text: str, parts: Iterable[str]) -> str:
    """Return `text` with every label and every allowed compound left out."""
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "·", text)
    return text


def word_problems(slug: str) -> Iterator[str]:
    lesson = bundle(slug).source
    frames = [f for step in lesson.steps if isinstance(step, Practise) for f in step.practise]
    pictures = [*lesson.steps, *(Picture(screen=frame.screen) for frame in frames)]
    labels = {label for picture in pictures for label in labels_of(picture)}
    said = [*said_in(lesson), ("teach_back", lesson.teach_back or "")]
    for where, text in said:
        bare = without(text, labels)
        for word, banned, fine in glossary():
            for found in banned.finditer(without(bare, fine)):
                yield f"{where}: viết {word!r}, không viết {found[0]!r}: {text!r}"
        for found in MARK_ON_SECOND.finditer(bare):
            yield f"{where}: dấu đặt ở chữ trước (hóa, khỏe, thủy), không viết {found[0]!r}"


@pytest.mark.parametrize("slug", FILES)
def test_the_same_word_for_the_same_thing(slug: str) -> None:
    none_wrong(slug, SOURCE_FOLDER, word_problems(slug))


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_every_step_has_a_voice_or_says_whose_it_borrows(slug: str, folder: str) -> None:
    body = edition(slug, folder)
    if isinstance(body, Translation):
        chain = fallback_chain(library().locales, Folder(folder))
        assert chain[-1].folder == SOURCE_FOLDER, f"languages.yaml, {folder}: chưa có fallback"
        return
    silent = [name for name in ("voice", "ending_voice") if not getattr(body, name)]
    silent += [f"bước {step.id}" for step in body.steps if not step.voice]
    none_wrong(slug, folder, [f"{name}: chưa có lời đọc" for name in silent])


@cache
def stale_recordings() -> list[str]:
    """Return what scripts/speak.py says is not spoken yet, or no longer what the lesson says."""
    command = [sys.executable, str(PROJECT_DIR / "scripts" / "speak.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own script
    assert not done.stderr, done.stderr
    assert done.returncode == int(bool(done.stdout)), done.stdout
    return done.stdout.splitlines()


@pytest.mark.parametrize("slug", FILES)
def test_recordings_say_what_is_written(slug: str) -> None:
    stale = [line for line in stale_recordings() if line.startswith(f"{slug}/")]
    none_wrong(slug, SOURCE_FOLDER, [f"media/{line}: chạy scripts/speak.py" for line in stale])


def shape_problems(lesson: Lesson) -> Iterator[str]:
    shows = sum(isinstance(step, Show) for step in lesson.steps)
    if not 4 <= shows <= 8:
        yield f"có {shows} bước show, cần 4 đến 8"
    if not any(isinstance(step, IfWrong) for step in lesson.steps):
        yield "chưa có bước if_wrong: bấm nhầm thì làm gì?"
    if not lesson.teach_back:
        yield "teach_back: chưa có câu mời bác nói lại"


def practice_problems(lesson: Lesson) -> Iterator[str]:
    practices = [step for step in lesson.steps if isinstance(step, Practise)]
    if len(practices) != 1:
        yield f"có {len(practices)} phần luyện tập, cần đúng một"
    for step in practices:
        if len(step.practise) < LEAST_TAPS:
            yield f"bước {step.id}: {len(step.practise)} lần bấm, cần ít nhất {LEAST_TAPS}"
        for number, frame in enumerate(step.practise, 1):
            if UNKIND.search(frame.hint):
                yield f"bước {step.id}, lần bấm {number}: lời nhắc chưa nhẹ nhàng: {frame.hint!r}"


def question_problems(lesson: Lesson) -> Iterator[str]:
    questions = [step for step in lesson.steps if isinstance(step, Ask)]
    if not 1 <= len(questions) <= 2:
        yield f"có {len(questions)} câu hỏi, cần một hoặc hai"
    for question in questions:
        right = sum(answer.right for answer in question.answers)
        if right != 1:
            yield f"bước {question.id}: {right} câu trả lời đúng, cần một"
        for answer in question.answers:
            if UNKIND.search(answer.because):
                yield f"bước {question.id}: lời giải thích chưa nhẹ nhàng: {answer.because!r}"


@pytest.mark.parametrize("slug", FILES)
def test_a_lesson_has_all_its_parts(slug: str) -> None:
    lesson = bundle(slug).source
    problems = [*shape_problems(lesson), *practice_problems(lesson), *question_problems(lesson)]
    none_wrong(slug, SOURCE_FOLDER, problems)


@pytest.mark.parametrize("slug", FILES)
def test_a_lesson_is_written_in_three_languages(slug: str) -> None:
    missing = {"vi", "hmn", "tay"} - set(FILES[slug])
    assert not missing, f"{slug}: chưa có bản {sorted(missing)}"


def draft_problems(body: Translation, source: Lesson) -> Iterator[str]:
    if body.review is ReviewState.REVIEWED and not body.reviewed_by:
        yield "reviewed_by: đã ghi reviewed thì phải ghi tên người đọc lại"
    for name in ("title", "why", "safety", "success", "warning"):
        if not getattr(body, name):
            yield f"{name}: chưa dịch"
    for step in source.steps:
        words = body.steps.get(step.id)
        if isinstance(step, Watch) and words is None:
            continue  # the film itself speaks Vietnamese
        if words is None or not words.sentence:
            yield f"bước {step.id}: chưa dịch"
        elif words.made_from != source_fingerprint(sentence_of(step)):
            yield (
                f"bước {step.id}: made_from {words.made_from}, câu tiếng Việt nay là "
                f"{source_fingerprint(sentence_of(step))}. Xem lại bản dịch "
                "rồi chạy content-server stamp"
            )
        elif isinstance(step, Practise) and words.practise is None:
            yield f"bước {step.id}: chưa dịch phần practise"
        elif isinstance(step, Ask) and words.answers is None:
            yield f"bước {step.id}: chưa dịch phần answers"


@pytest.mark.parametrize(("slug", "folder"), [e for e in EDITIONS if e[1] != SOURCE_FOLDER])
def test_a_translation_is_whole_and_of_todays_sentences(slug: str, folder: str) -> None:
    body = edition(slug, folder)
    assert isinstance(body, Translation)
    none_wrong(slug, folder, draft_problems(body, bundle(slug).source))


@pytest.mark.parametrize("slug", [slug for slug, folder in EDITIONS if folder == "hmn"])
def test_mong_is_written_as_the_state_writes_it(slug: str) -> None:
    body = edition(slug, "hmn")
    assert isinstance(body, Translation)
    problems = [] if body.orthography == "vn1961" else ["orthography: phải là vn1961"]
    for where, text in said_in(body):
        found = FOREIGN_SPELLING.findall(text)
        problems += [f"{where}: {word!r} là chữ RPA" for word in found]
    none_wrong(slug, "hmn", problems)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Gõ mã vào ô, rồi bấm Kiểm tra.", ["Kiểm tra"]),
        ("Nút to có chữ Về trang chủ, bác nhé.", ["Về trang chủ"]),
        ("Bấm vào ô Số định danh.", ["Số định danh"]),
        ("Vào Cá nhân, bấm vào Nhóm bản mình.", ["Cá nhân", "Nhóm bản mình"]),
        ("Gõ mã OTP vào VNeID.", []),
        ("Không thấy nút Gửi? Nhấn giữ nút tròn.", []),
        ("Bấm vào tin nhắn. Bác đọc mã.", []),
    ],
)
def test_what_counts_as_a_quoted_label(text: str, quoted: list[str]) -> None:
    assert list(quoted_in(text)) == quoted


@pytest.mark.parametrize(
    ("clause", "shown"),
    [
        ("Gửi yêu cầu", True),
        ("Gửi yêu cầu ở dưới cùng", True),
        ("Gửi", True),
        ("Gửi yêu", True),
        ("Gửi đơn", False),
        ("Gử", False),
    ],
)
def test_when_a_quoted_label_is_there(clause: str, *, shown: bool) -> None:
    assert is_shown(clause, ["VNeID", "Gửi yêu cầu"]) is shown
