"""Captions: the words of a clip with their times, parsed from WebVTT and written in a plain form.

Only times and words are kept. Notes, styles, regions and positions are dropped; anything else that
is not plain text is refused, with its line number.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from content_server.errors import InvalidMedia
from content_server.media import limits
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.phrases import Phrase, _

CONTENT_TYPE = "text/vtt"
IGNORED_BLOCKS = ("NOTE", "STYLE", "REGION")
ARROW = "-->"

_HEADER = re.compile(r"WEBVTT([ \t].*)?")
_CLOCK = r"(?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d\d\d)"
_TIMES = re.compile(rf"[ \t]*{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}([ \t].*)?")
_LINE_END = re.compile(r"\r\n|\r|\n")  # the three of WebVTT, and no other
_ESCAPE = re.compile(r"&(amp|lt|gt|nbsp|lrm|rlm|#\d{1,6}|#x[0-9A-Fa-f]{1,6});")

NumberedLine = tuple[int, str]  # (line number from 1, line)


@dataclass(frozen=True)
class Cue:
    """One caption: its times, and its words, one string for each line shown."""

    begin_ms: int
    end_ms: int
    lines: tuple[str, ...]


def make_captions_rendition(source: Path, folder: Path) -> list[EncodedFile]:
    """Write the captions of `source` in their normal form. Raises InvalidMedia."""
    cues = read_captions(source)
    path = folder / "captions.vtt"
    path.write_text(format_webvtt(cues), "utf-8")
    return [EncodedFile("captions", path, CONTENT_TYPE, duration_ms=cues[-1].end_ms)]


def read_captions(source: Path) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT file, in order of time; there is at least one.

    Raises InvalidMedia, naming the line, for another format, times out of order, tags, and
    invisible characters.
    """
    limits.check_file(source, MediaKind.CAPTIONS)
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidMedia(_("Tệp phụ đề phải lưu ở dạng chữ UTF-8.")) from error
    return parse_webvtt(text)


def parse_webvtt(text: str) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT text. Raises InvalidMedia as `read_captions` does."""
    lines = list(enumerate(_LINE_END.split(text), start=1))
    if not _HEADER.fullmatch(lines[0][1]):
        raise InvalidMedia(
            _("Tệp phụ đề phải bắt đầu bằng dòng WEBVTT. Tệp .srt thì hãy lưu lại dạng .vtt.")
        )
    cues = tuple(_parse_cues(lines))
    if not cues:
        raise InvalidMedia(_("Tệp phụ đề chưa có câu nào."))
    return cues


def format_webvtt(cues: Sequence[Cue]) -> str:
    """Return the cues as WebVTT, the same text for the same cues."""
    blocks = [
        "\n".join(
            [
                f"{_format_clock(cue.begin_ms)} {ARROW} {_format_clock(cue.end_ms)}",
                *(escape(line, quote=False) for line in cue.lines),
            ]
        )
        for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def shift_cues(cues: Sequence[Cue], by_ms: int) -> tuple[Cue, ...]:
    """Return the cues `by_ms` earlier, for a clip whose beginning is cut; those before it go."""
    shifted = (
        Cue(max(0, cue.begin_ms - by_ms), cue.end_ms - by_ms, cue.lines)
        for cue in cues
        if cue.end_ms > by_ms
    )
    return tuple(shifted)


def transcript(cues: Sequence[Cue]) -> str:
    """Return the words without their times."""
    return " ".join(line for cue in cues for line in cue.lines)


def _parse_cues(lines: Sequence[NumberedLine]) -> Iterator[Cue]:
    header, *blocks = _split_blocks(lines)
    for number, line in header:
        if ARROW in line:
            raise _line_error(number, _("thiếu một dòng trống trước giờ này"))
    latest_ms = 0
    for block in blocks:
        if _is_ignored(block):
            continue
        cue = _parse_cue(block)
        if cue.begin_ms < latest_ms:
            raise _line_error(block[0][0], _("giờ này đứng trước giờ của câu trên"))
        latest_ms = cue.begin_ms
        yield cue


def _split_blocks(lines: Sequence[NumberedLine]) -> Iterator[list[NumberedLine]]:
    """Yield the blocks between empty lines; the first is the header."""
    block: list[NumberedLine] = []
    for line in (*lines, (0, "")):
        if line[1].strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _is_ignored(block: Sequence[NumberedLine]) -> bool:
    return block[0][1].split()[0] in IGNORED_BLOCKS and ARROW not in block[0][1]


def _parse_cue(block: Sequence[NumberedLine]) -> Cue:
    index = 0 if ARROW in block[0][1] or len(block) == 1 else 1  # a cue identifier may come first
    number, timing = block[index]
    times = _TIMES.fullmatch(timing)
    if times is None:
        raise _line_error(number, _("giờ phải viết như 00:01.000 --> 00:04.500"))
    begin_ms, end_ms = _to_ms(times.groups()[:4]), _to_ms(times.groups()[4:8])
    if end_ms <= begin_ms:
        raise _line_error(number, _("giờ kết thúc phải sau giờ bắt đầu"))
    words = [_clean_line(*line) for line in block[index + 1 :]]
    if not any(words):
        raise _line_error(number, _("chưa có chữ nào dưới giờ này"))
    return Cue(begin_ms, end_ms, tuple(line for line in words if line))


def _clean_line(number: int, line: str) -> str:
    """Return a line in NFC, with single spaces and without escapes.

    Raises InvalidMedia for tags and invisible characters.
    """
    if ARROW in line:
        raise _line_error(number, _("thiếu một dòng trống trước giờ này"))
    if "<" in line:
        raise _line_error(number, _("chỉ viết chữ thường, bỏ phần trong dấu < >"))
    words = _ESCAPE.sub(lambda found: unescape(found[0]), line)
    for character in words:
        if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} and character != "\t":
            raise _line_error(number, _("có ký tự lạ U+{code}", code=f"{ord(character):04X}"))
    return " ".join(unicodedata.normalize("NFC", words).split())


def _line_error(number: int, why: Phrase) -> InvalidMedia:
    return InvalidMedia(_("Phụ đề, dòng {number}: {why}.", number=number, why=why))


def _to_ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _format_clock(ms: int) -> str:
    hours, remainder_ms = divmod(ms, 3_600_000)
    minutes, remainder_ms = divmod(remainder_ms, 60_000)
    return f"{hours:02}:{minutes:02}:{remainder_ms // 1000:02}.{remainder_ms % 1000:03}"
