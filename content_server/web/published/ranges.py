"""Parses Range headers (RFC 9110 §14)."""

import re
import sys

ONE_RANGE = re.compile(rb"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)
MAX_DIGITS = 18  # more than this is past the end of any file


class RangeNotSatisfiable(Exception):
    """A valid range that holds no byte of the file; answered with 416."""


def parse_range(header: bytes, size_bytes: int) -> tuple[int, int] | None:
    """Return the requested bytes, start ≤ i < end; None to send the whole file.

    The whole file is also the answer to an invalid header, other units and several ranges (players
    ask for one). Raises RangeNotSatisfiable.
    """
    match = ONE_RANGE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return _suffix_range(_parse_number(last), size_bytes)
    start = _parse_number(first)
    end = _parse_number(last) + 1 if last else size_bytes
    if end <= start and last:
        return None
    if start >= size_bytes:
        raise RangeNotSatisfiable
    return start, min(end, size_bytes)


def _suffix_range(length: int, size_bytes: int) -> tuple[int, int]:
    if not length or not size_bytes:
        raise RangeNotSatisfiable
    return max(0, size_bytes - length), size_bytes


def _parse_number(digits: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    return int(digits) if len(digits) <= MAX_DIGITS else sys.maxsize
