"""Which content encoding a visitor gets (RFC 9110 §12.5.3), smallest first among equals."""

from functools import lru_cache

OURS = ("br", "gzip", "identity")  # smallest first
PLAIN = ("identity",)
MOST_BYTES = 256  # a longer header is nobody's browser; such a visitor gets identity


def preferred(accept_encoding: bytes) -> tuple[str, ...]:
    """Return the encodings to try, best first; identity is always among them.

    A visitor that forbids everything still gets identity: words he may not read beat none.
    """
    return PLAIN if len(accept_encoding) > MOST_BYTES else _preferred(accept_encoding)


@lru_cache(maxsize=512)
def _preferred(accept_encoding: bytes) -> tuple[str, ...]:
    weights = _weights(accept_encoding.decode("latin-1").lower())
    others = weights.get("*", 0.0)
    ours = {name: weights.get(name, others) for name in OURS if name != "identity"}
    # Unless it is named, identity is acceptable and comes last.
    ours["identity"] = weights.get("identity", 0.0)
    wanted = [name for name in OURS if ours[name] > 0]
    best_first = sorted(wanted, key=lambda name: -ours[name])  # stable: ours among equals
    return (*best_first, *(PLAIN if "identity" not in wanted else ()))


def _weights(header: str) -> dict[str, float]:
    """Return coding → q; what cannot be understood is left out."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weight = _weight(parameters)
        if coding and weight is not None:
            weights["gzip" if coding == "x-gzip" else coding] = weight
    return weights


def _weight(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _equals, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value.strip())
    return 1.0


def _number(text: str) -> float | None:
    """Read a q between 0 and 1: digits and one point, nothing else a float could be."""
    whole, point, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and (part.isdigit() or not part)):
        return None
    weight = float(f"{whole}{point}{part}") if part.isascii() else 2.0
    return weight if 0 <= weight <= 1 else None
