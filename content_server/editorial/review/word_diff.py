"""Word diff: which words of a sentence went, came, and stayed."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    """Some words, and what happened to them: "", "gone" or "new"."""

    words: str
    change: str = ""


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return the words of both sentences in reading order, each marked."""
    old, new = before.split(), after.split()
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(" ".join(old[a:b])))
            continue
        if b > a:
            pieces.append(Piece(" ".join(old[a:b]), "gone"))
        if d > c:
            pieces.append(Piece(" ".join(new[c:d]), "new"))
    return tuple(pieces)
