"""Codes of village links: four characters, easy to say, read from a poster and type."""

import re
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0 o, 1 l i
DIGITS = "23456789"
SPOKEN_LETTERS = "aceghkmprtuvx"
"""Letters of generated codes: one of each group that sounds alike (b/p, d/r, n/m/l, s/x, q/c).
Letters and digits alternate, so no word can appear: 13·8·13·8 = 10,816 codes for about a thousand
villages."""
CODE = re.compile(f"[{ALPHABET}]{{3,4}}")


def generate_code() -> str:
    """Return a random code such as "x7k2"."""
    return "".join(
        secrets.choice(signs) for signs in (SPOKEN_LETTERS, DIGITS, SPOKEN_LETTERS, DIGITS)
    )


def is_code(text: str) -> bool:
    return CODE.fullmatch(text) is not None
