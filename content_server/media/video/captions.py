"""Captions: the words of a clip with their times, read from WebVTT and written out plain.

Only times and words are kept. Notes, styles, regions and places on the screen are left behind;
anything else that is not plain text is refused, with its line.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from content_server.errors import MediumRefused
from content_server.media import limits
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.phrases import Phrase, _

CONTENT_TYPE = "text/vtt"
LEFT_BEHIND = ("NOTE", "STYLE", "REGION")
ARROW = "-->"

_HEADER = re.compile(r"WEBVTT([ \t].*)?")
_CLOCK = r"(?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d\d\d)"
_TIMES = re.compile(rf"[ \t]*{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}([ \t].*)?")
_LINE_END = re.compile(r"\r\n|\r|\n")  # the three of WebVTT, and no other
_ESCAPE = re.compile(r"&(amp|lt|gt|nbsp|lrm|rlm|#\d{1,6}|#x[0-9A-Fa-f]{1,6});")

Numbered = tuple[int, str]  # a line of the file with its number, from 1


@dataclass(frozen=True)
class Cue:
    """One thing said: from when to when, and the words, one line for each line shown."""

    begin_ms: int
    end_ms: int
    lines: tuple[str, ...]


def make_captions_rendition(source: Path, folder: Path) -> list[EncodedFile]:
    """Write the captions of `source` out in their one form. Raises MediumRefused."""
    cues = read_captions(source)
    path = folder / "captions.vtt"
    path.write_text(written(cues), "utf-8")
    return [EncodedFile("captions", path, CONTENT_TYPE, duration_ms=cues[-1].end_ms)]


def read_captions(source: Path) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT file, in order of time; there is at least one.

    Raises MediumRefused, naming the line, for anything else: another format, a clock that goes
    backwards, tags, characters nobody can see.
    """
    limits.check_file(source, MediaKind.CAPTIONS)
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediumRefused(_("Tệp phụ đề phải lưu ở dạng chữ UTF-8.")) from error
    return cues_of(text)


def cues_of(text: str) -> tuple[Cue, ...]:
    """Return the cues of WebVTT; raises MediumRefused as `read_captions` does."""
    lines = list(enumerate(_LINE_END.split(text), start=1))
    if not _HEADER.fullmatch(lines[0][1]):
        raise MediumRefused(
            _("Tệp phụ đề phải bắt đầu bằng dòng WEBVTT. Tệp .srt thì hãy lưu lại dạng .vtt.")
        )
    cues = tuple(_cues(lines))
    if not cues:
        raise MediumRefused(_("Tệp phụ đề chưa có câu nào."))
    return cues


def written(cues: Sequence[Cue]) -> str:
    """Return the cues as WebVTT, the same text for the same cues."""
    blocks = [
        "\n".join(
            [
                f"{_clock(cue.begin_ms)} {ARROW} {_clock(cue.end_ms)}",
                *(escape(line, quote=False) for line in cue.lines),
            ]
        )
        for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def earlier(cues: Sequence[Cue], by_ms: int) -> tuple[Cue, ...]:
    """Return the cues of a clip whose first `by_ms` were cut away; what was said there is gone."""
    moved = (
        Cue(max(0, cue.begin_ms - by_ms), cue.end_ms - by_ms, cue.lines)
        for cue in cues
        if cue.end_ms > by_ms
    )
    return tuple(moved)


def transcript(cues: Sequence[Cue]) -> str:
    """Return the words alone, to be read instead of heard."""
    return " ".join(line for cue in cues for line in cue.lines)


def _cues(lines: Sequence[Numbered]) -> Iterator[Cue]:
    header, *blocks = _blocks(lines)
    for number, line in header:
        if ARROW in line:
            raise _refused(number, _("thiếu một dòng trống trước giờ này"))
    latest_ms = 0
    for block in blocks:
        if _left(block):
            continue
        cue = _cue(block)
        if cue.begin_ms < latest_ms:
            raise _refused(block[0][0], _("giờ này đứng trước giờ của câu trên"))
        latest_ms = cue.begin_ms
        yield cue


def _blocks(lines: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Yield what stands between empty lines; the header is the first."""
    block: list[Numbered] = []
    for line in (*lines, (0, "")):
        if line[1].strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _left(block: Sequence[Numbered]) -> bool:
    return block[0][1].split()[0] in LEFT_BEHIND and ARROW not in block[0][1]


def _cue(block: Sequence[Numbered]) -> Cue:
    place = 0 if ARROW in block[0][1] or len(block) == 1 else 1  # a name may stand before
    number, timing = block[place]
    times = _TIMES.fullmatch(timing)
    if times is None:
        raise _refused(number, _("giờ phải viết như 00:01.000 --> 00:04.500"))
    begin_ms, end_ms = _ms(times.groups()[:4]), _ms(times.groups()[4:8])
    if end_ms <= begin_ms:
        raise _refused(number, _("giờ kết thúc phải sau giờ bắt đầu"))
    words = [_plain(*line) for line in block[place + 1 :]]
    if not any(words):
        raise _refused(number, _("chưa có chữ nào dưới giờ này"))
    return Cue(begin_ms, end_ms, tuple(line for line in words if line))


def _plain(number: int, line: str) -> str:
    """Return a line of words as they are read: NFC, single spaces, no escapes, no tags."""
    if ARROW in line:
        raise _refused(number, _("thiếu một dòng trống trước giờ này"))
    if "<" in line:
        raise _refused(number, _("chỉ viết chữ thường, bỏ phần trong dấu < >"))
    words = _ESCAPE.sub(lambda found: unescape(found[0]), line)
    for character in words:
        if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} and character != "\t":
            raise _refused(number, _("có ký tự lạ U+{code}", code=f"{ord(character):04X}"))
    return " ".join(unicodedata.normalize("NFC", words).split())


def _refused(number: int, why: Phrase) -> MediumRefused:
    return MediumRefused(_("Phụ đề, dòng {number}: {why}.", number=number, why=why))


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _clock(ms: int) -> str:
    hours, rest = divmod(ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
