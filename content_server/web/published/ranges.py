"""Which bytes of a file a Range header asks for (RFC 9110 §14)."""

import re
import sys

ONE_RANGE = re.compile(rb"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)
MOST_DIGITS = 18  # more than this is past the end of any file


class RangeOutOfReach(Exception):
    """A proper range that holds no byte of this file: the answer is 416."""


def parse_range(header: bytes, size_bytes: int) -> tuple[int, int] | None:
    """Return the bytes asked for, start ≤ i < end, or None: send the whole file.

    The whole file is the answer to nonsense, to other units and to several ranges at once (players
    ask for one). Raises RangeOutOfReach.
    """
    match = ONE_RANGE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return _suffix(_number(last), size_bytes)
    start = _number(first)
    end = _number(last) + 1 if last else size_bytes
    if end <= start and last:
        return None
    if start >= size_bytes:
        raise RangeOutOfReach
    return start, min(end, size_bytes)


def _suffix(length: int, size_bytes: int) -> tuple[int, int]:
    if not length or not size_bytes:
        raise RangeOutOfReach
    return max(0, size_bytes - length), size_bytes


def _number(digits: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    return int(digits) if len(digits) <= MOST_DIGITS else sys.maxsize
