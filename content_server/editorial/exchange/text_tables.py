"""Text tables: an edition's sentences as rows to fill in with Excel, and such tables read back.

A row is one translation unit: its key, its place, the Vietnamese, the translation. A table with any
problem changes nothing; all its problems are reported together, each with its row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from content_server.editorial.edits import SENTENCE_KEYS, Change, DraftBody, as_dict, clean_value
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import MAX_SENTENCE_CHARACTERS, MAX_TITLE_CHARACTERS
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.phrases import Phrase, _

MAX_ROWS = 400  # a lesson has 12 steps of at most a dozen sentences
SOURCE_NAME = "Tiếng Việt"
KEY_HEAD, FINGERPRINT_HEAD = "mã", "dấu"  # heads of the columns people do not edit
VERSION_IN_HEAD = re.compile(r"#(\d{1,9})")
FINGERPRINT_CELL = re.compile(r"d([0-9a-f]{6})")  # the "d" stops Excel reading it as a number
LESSON_FIELDS: Mapping[str, Phrase] = {
    "title": _("tên bài"),
    "why": _("vì sao nên học"),
    "safety": _("lời trấn an"),
    "success": _("xong khi nào"),
    "warning": _("lời dặn"),
}
GROUP_FIELDS = (
    ("practise", "hint", _("lời nhắc khi bấm sai")),
    ("answers", "because", _("lời giải thích")),
)


@dataclass(frozen=True)
class TranslationUnit:
    """One sentence of the source and the edition's own version of it."""

    part: str  # a step's id; "" for the lesson itself
    path: str
    name: Phrase
    source: str
    own: str
    max_characters: int = MAX_SENTENCE_CHARACTERS

    @property
    def key(self) -> str:
        return f"{self.part}/{self.path}"


@dataclass(frozen=True)
class TextTable:
    """Rows of texts; the first row names the columns."""

    rows: Sequence[Sequence[str]]


def translation_units_of(
    source: DraftBody, own: DraftBody, *, is_source: bool
) -> Iterator[TranslationUnit]:
    """Yield every sentence of a lesson, in the order of the page."""
    yield from lesson_translation_units(source, own)
    own_steps = steps_of(own)
    for part, step in steps_of(source).items():
        yield from step_translation_units(part, step, own_steps.get(part, {}), is_source=is_source)


def lesson_translation_units(source: DraftBody, own: DraftBody) -> Iterator[TranslationUnit]:
    """Yield the sentences of the lesson itself: title, why, safety, success, warning."""
    for path, name in LESSON_FIELDS.items():
        max_characters = MAX_TITLE_CHARACTERS if path == "title" else MAX_SENTENCE_CHARACTERS
        yield TranslationUnit(
            "", path, name, str(source.get(path) or ""), str(own.get(path) or ""), max_characters
        )


def step_translation_units(
    part: str, step: DraftBody, own: DraftBody, *, is_source: bool = False
) -> Iterator[TranslationUnit]:
    """Yield every sentence of one step."""
    sentence_key = next((kind for kind in ("show", "if_wrong", "ask") if kind in step), "say")
    sentence_name = _("câu nói")
    if sentence_in(step) or is_source:
        yield TranslationUnit(
            part, sentence_key, sentence_name, sentence_in(step), str(own.get(sentence_key) or "")
        )
    for group, other_key, other_name in GROUP_FIELDS:
        for index, item in enumerate(step.get(group) or []):
            own_item = _item(own.get(group), index)
            for key, name in (("say", sentence_name), (other_key, other_name)):
                if text := as_dict(item).get(key):
                    path, own_text = f"{group}.{index}.{key}", str(own_item.get(key) or "")
                    yield TranslationUnit(part, path, name, str(text), own_text)


def _item(items: object, index: int) -> DraftBody:
    return as_dict(items[index]) if isinstance(items, list) and index < len(items) else {}


def make_text_table(
    units: Sequence[TranslationUnit], own_name: str, version: int, *, is_source: bool
) -> TextTable:
    """Return the table of an edition; `version` is that of the draft it was made from."""
    head = [f"{KEY_HEAD} #{version}", str(_("chỗ nào")), SOURCE_NAME, own_name, FINGERPRINT_HEAD]
    body = [
        [e.key, str(e.name), e.source, e.own, f"d{source_fingerprint(e.source)}"] for e in units
    ]
    rows = [head, *body]
    return TextTable([[*row[:2], *row[3:]] for row in rows] if is_source else rows)


def read_text_table(
    table: TextTable, units: Sequence[TranslationUnit], own_name: str
) -> tuple[int, list[Change]]:
    """Return the draft version a table was made from, and the changes it contains.

    An empty cell changes nothing. Raises BundleRejected with every problem.
    """
    if not table.rows:
        raise BundleRejected([Problem(own_name, 1, _("Bảng trống, không có dòng nào."))])
    head = [cell.strip().casefold() for cell in table.rows[0]]
    key_column = next((i for i, cell in enumerate(head) if cell.split(" #")[0] == KEY_HEAD), None)
    own_column = head.index(own_name.casefold()) if own_name.casefold() in head else None
    if key_column is None or own_column is None:
        phrase = _(
            "Dòng đầu phải có cột “{key}” và cột “{own}”. Tải bảng mới rồi điền vào đó.",
            key=KEY_HEAD,
            own=own_name,
        )
        raise BundleRejected([Problem(own_name, 1, phrase)])
    fingerprint_column = head.index(FINGERPRINT_HEAD) if FINGERPRINT_HEAD in head else None
    version = VERSION_IN_HEAD.search(table.rows[0][key_column])
    reader = _TableReader({unit.key: unit for unit in units}, own_name)
    for row, cells in enumerate(table.rows[1:], 2):
        key, text = _cell(cells, key_column), _cell(cells, own_column)
        reader.read_row(row, key, text, _cell(cells, fingerprint_column))
    if reader.problems:
        raise BundleRejected(reader.problems)
    return int(version[1]) if version else 0, reader.changes


class _TableReader:
    """Reads a table row by row and collects its changes and problems."""

    def __init__(self, known: Mapping[str, TranslationUnit], own_name: str) -> None:
        self.units, self.own_name = known, own_name
        self.row_by_key: dict[str, int] = {}
        self.changes: list[Change] = []
        self.problems: list[Problem] = []

    def read_row(self, row: int, key: str, text: str, fingerprint: str) -> None:
        if not key and not text:
            return
        unit = self.units.get(key)
        if phrase := self._problem_in(key, unit, text):
            self.problems.append(Problem(self.own_name, row, phrase))
            return
        self.row_by_key[key] = row
        text = str(clean_value(text))
        if unit is None or not text or text == unit.own:
            return
        self.changes.append(Change(unit.part, unit.path, text))
        if unit.part and unit.path in SENTENCE_KEYS and self.own_name != SOURCE_NAME:
            match = FINGERPRINT_CELL.fullmatch(fingerprint)
            made_from = match[1] if match else source_fingerprint(unit.source)
            self.changes.append(Change(unit.part, "made_from", made_from))

    def _problem_in(self, key: str, unit: TranslationUnit | None, text: str) -> Phrase | None:
        if unit is None:
            return _("Không có câu nào mang mã “{key}”. Đừng sửa cột mã.", key=key[:60])
        if key in self.row_by_key:
            return _("Mã “{key}” đã có ở dòng {row}.", key=key[:60], row=self.row_by_key[key])
        if len(" ".join(text.split())) > unit.max_characters:
            return _(
                "Câu dài {length} chữ cái, tối đa {most}.",
                length=len(" ".join(text.split())),
                most=unit.max_characters,
            )
        return None


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""
