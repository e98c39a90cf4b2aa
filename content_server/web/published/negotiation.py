"""Chooses content encodings by Accept-Encoding (RFC 9110 §12.5.3), smallest first at equal q."""

from functools import lru_cache

ENCODINGS = ("br", "gzip", "identity")  # smallest first
IDENTITY_ONLY = ("identity",)
MAX_HEADER_BYTES = 256  # no browser sends a longer header; it is answered with identity


def preferred_encodings(accept_encoding: bytes) -> tuple[str, ...]:
    """Return the encodings to try, best first; identity is always among them.

    A client that forbids every encoding still gets identity.
    """
    return (
        IDENTITY_ONLY
        if len(accept_encoding) > MAX_HEADER_BYTES
        else _preferred_encodings(accept_encoding)
    )


@lru_cache(maxsize=512)
def _preferred_encodings(accept_encoding: bytes) -> tuple[str, ...]:
    weights = _parse_weights(accept_encoding.decode("latin-1").lower())
    others = weights.get("*", 0.0)
    qualities = {name: weights.get(name, others) for name in ENCODINGS if name != "identity"}
    # Unless it is named, identity is acceptable and comes last.
    qualities["identity"] = weights.get("identity", 0.0)
    accepted = [name for name in ENCODINGS if qualities[name] > 0]
    best_first = sorted(
        accepted, key=lambda name: -qualities[name]
    )  # stable: smallest first at equal q
    return (*best_first, *(IDENTITY_ONLY if "identity" not in accepted else ()))


def _parse_weights(header: str) -> dict[str, float]:
    """Return coding → q; what cannot be parsed is left out."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weight = _quality(parameters)
        if coding and weight is not None:
            weights["gzip" if coding == "x-gzip" else coding] = weight
    return weights


def _quality(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _equals, value = parameter.partition("=")
        if name.strip() == "q":
            return _parse_quality(value.strip())
    return 1.0


def _parse_quality(text: str) -> float | None:
    """Return a q between 0 and 1; None for anything but digits with one point."""
    whole, point, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and (part.isdigit() or not part)):
        return None
    weight = float(f"{whole}{point}{part}") if part.isascii() else 2.0
    return weight if 0 <= weight <= 1 else None
