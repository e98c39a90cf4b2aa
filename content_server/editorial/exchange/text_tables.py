"""Wordlists: an edition's words as a table to fill in with Excel, and such a table read back whole.

A row is one sentence: its key, what it is, the Vietnamese, one's own. A table that is wrong
somewhere changes nothing, and everything that is wrong is told at once, with its row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from content_server.editorial.edits import SENTENCES, Body, Change, clean, dict_of
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import SENTENCE_CHARACTERS
from content_server.lessons.validation import source_fingerprint
from content_server.phrases import Phrase, _

TITLE_CHARACTERS = 48
MOST_ROWS = 400  # a lesson has 12 steps of at most a dozen sentences
SOURCE_NAME = "Tiếng Việt"
KEY, STAMP = "mã", "dấu"  # heads of the columns a person leaves alone
NUMBER = re.compile(r"#(\d{1,9})")
A_STAMP = re.compile(r"d([0-9a-f]{6})")  # the letter keeps Excel from taking it for a number
LESSON_LINES: Mapping[str, Phrase] = {
    "title": _("tên bài"),
    "why": _("vì sao nên học"),
    "safety": _("lời trấn an"),
    "success": _("xong khi nào"),
    "warning": _("lời dặn"),
}
GROUPS = (
    ("practise", "hint", _("lời nhắc khi bấm sai")),
    ("answers", "because", _("lời giải thích")),
)


@dataclass(frozen=True)
class Line:
    """One sentence of the source and one's own beside it."""

    part: str  # a step's id; "" for the lesson itself
    path: str
    name: Phrase
    source: str
    own: str
    most: int = SENTENCE_CHARACTERS

    @property
    def key(self) -> str:
        return f"{self.part}/{self.path}"


@dataclass(frozen=True)
class Table:
    """A wordlist as rows of texts; the first row names the columns."""

    rows: Sequence[Sequence[str]]


def lines_of(source: Body, own: Body, *, is_source: bool) -> Iterator[Line]:
    """Yield every sentence of a lesson in the order villagers hear it."""
    yield from lesson_lines(source, own)
    mine = steps_of(own)
    for part, step in steps_of(source).items():
        yield from step_lines(part, step, mine.get(part, {}), is_source=is_source)


def lesson_lines(source: Body, own: Body) -> Iterator[Line]:
    """Yield what a lesson says of itself."""
    for path, name in LESSON_LINES.items():
        most = TITLE_CHARACTERS if path == "title" else SENTENCE_CHARACTERS
        yield Line("", path, name, str(source.get(path) or ""), str(own.get(path) or ""), most)


def step_lines(part: str, step: Body, own: Body, *, is_source: bool = False) -> Iterator[Line]:
    """Yield every sentence of one step."""
    key = next((kind for kind in ("show", "if_wrong", "ask") if kind in step), "say")
    said = _("câu nói")
    if sentence_in(step) or is_source:
        yield Line(part, key, said, sentence_in(step), str(own.get(key) or ""))
    for group, more, name in GROUPS:
        for index, item in enumerate(step.get(group) or []):
            mine = _item(own.get(group), index)
            for what, words in (("say", said), (more, name)):
                if text := dict_of(item).get(what):
                    path = f"{group}.{index}.{what}"
                    yield Line(part, path, words, str(text), str(mine.get(what) or ""))


def _item(items: object, index: int) -> Body:
    return dict_of(items[index]) if isinstance(items, list) and index < len(items) else {}


def table_of(lines: Sequence[Line], own_name: str, number: int, *, is_source: bool) -> Table:
    """Return the table of an edition; `number` is that of the draft it was taken from."""
    head = [f"{KEY} #{number}", str(_("chỗ nào")), SOURCE_NAME, own_name, STAMP]
    body = [
        [e.key, str(e.name), e.source, e.own, f"d{source_fingerprint(e.source)}"] for e in lines
    ]
    rows = [head, *body]
    return Table([[*row[:2], *row[3:]] for row in rows] if is_source else rows)


def read_table(table: Table, lines: Sequence[Line], own_name: str) -> tuple[int, list[Change]]:
    """Return the draft's number a table was taken from, and the changes it asks for.

    An empty cell leaves what is there. Raises BundleRejected with every problem at once.
    """
    if not table.rows:
        raise BundleRejected([Problem(own_name, 1, _("Bảng trống, không có dòng nào."))])
    head = [cell.strip().casefold() for cell in table.rows[0]]
    key_at = next((i for i, cell in enumerate(head) if cell.split(" #")[0] == KEY), None)
    own_at = head.index(own_name.casefold()) if own_name.casefold() in head else None
    if key_at is None or own_at is None:
        phrase = _(
            "Dòng đầu phải có cột “{key}” và cột “{own}”. Tải bảng mới rồi điền vào đó.",
            key=KEY,
            own=own_name,
        )
        raise BundleRejected([Problem(own_name, 1, phrase)])
    stamp_at = head.index(STAMP) if STAMP in head else None
    number = NUMBER.search(table.rows[0][key_at])
    reading = _Reading({line.key: line for line in lines}, own_name)
    for row, cells in enumerate(table.rows[1:], 2):
        reading.take(row, _cell(cells, key_at), _cell(cells, own_at), _cell(cells, stamp_at))
    if reading.problems:
        raise BundleRejected(reading.problems)
    return int(number[1]) if number else 0, reading.changes


class _Reading:
    """A table being read: what it changes, and what is wrong with it."""

    def __init__(self, known: Mapping[str, Line], own_name: str) -> None:
        self.known, self.own_name = known, own_name
        self.seen: dict[str, int] = {}
        self.changes: list[Change] = []
        self.problems: list[Problem] = []

    def take(self, row: int, key: str, text: str, stamp: str) -> None:
        if not key and not text:
            return
        line = self.known.get(key)
        if phrase := self._wrong(key, line, text):
            self.problems.append(Problem(self.own_name, row, phrase))
            return
        self.seen[key] = row
        text = str(clean(text))
        if line is None or not text or text == line.own:
            return
        self.changes.append(Change(line.part, line.path, text))
        if line.part and line.path in SENTENCES and self.own_name != SOURCE_NAME:
            seen = A_STAMP.fullmatch(stamp)
            made_from = seen[1] if seen else source_fingerprint(line.source)
            self.changes.append(Change(line.part, "made_from", made_from))

    def _wrong(self, key: str, line: Line | None, text: str) -> Phrase | None:
        if line is None:
            return _("Không có câu nào mang mã “{key}”. Đừng sửa cột mã.", key=key[:60])
        if key in self.seen:
            return _("Mã “{key}” đã có ở dòng {row}.", key=key[:60], row=self.seen[key])
        if len(" ".join(text.split())) > line.most:
            return _(
                "Câu dài {length} chữ cái, tối đa {most}.",
                length=len(" ".join(text.split())),
                most=line.most,
            )
        return None


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""
