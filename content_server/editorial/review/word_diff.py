"""Word diff: which words of a sentence were removed, added or kept."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class DiffSegment:
    """A run of words: unchanged (""), removed ("gone") or added ("new")."""

    words: str
    change: str = ""


def word_diff(before: str, after: str) -> tuple[DiffSegment, ...]:
    """Return the words of both sentences in reading order, in marked runs."""
    old, new = before.split(), after.split()
    segments: list[DiffSegment] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            segments.append(DiffSegment(" ".join(old[a:b])))
            continue
        if b > a:
            segments.append(DiffSegment(" ".join(old[a:b]), "gone"))
        if d > c:
            segments.append(DiffSegment(" ".join(new[c:d]), "new"))
    return tuple(segments)
