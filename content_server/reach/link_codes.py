"""Codes of villages: four signs that are said aloud, read off a poster and typed with one thumb."""

import re
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0 o, 1 l i
DIGITS = "23456789"
SAYABLE = "aceghkmprtuvx"
"""Letters for codes we draw ourselves: of letters that sound alike at market (b/p, d/r, n/m/l, s/x,
q/c) only one is here. Letter and digit take turns, so no word can appear: 13·8·13·8 = 10,816 codes
for about a thousand villages."""
CODE = re.compile(f"[{ALPHABET}]{{3,4}}")


def draw_code() -> str:
    """Return a code such as "x7k2", drawn by chance."""
    return "".join(secrets.choice(signs) for signs in (SAYABLE, DIGITS, SAYABLE, DIGITS))


def is_code(text: str) -> bool:
    return CODE.fullmatch(text) is not None
