"""Reads the codecs of a finished MP4 from the file, for `<source type>` (RFC 6381).

They are not a constant of the ladder because the encoder chooses level and profile (AV1 in ISOBMFF
§5).
"""

from pathlib import Path

HEAD_BYTES = 2_000_000  # the moov box comes first in our files


def content_type_of(path: Path) -> str:
    """Return e.g. 'video/mp4; codecs="av01.0.05M.08, opus"' of an MP4 we made."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = [name for name in (_video_codec(head), _audio_codec(head)) if name]
    return f'video/mp4; codecs="{", ".join(found)}"'


def _video_codec(head: bytes) -> str:
    avc, av1 = head.find(b"avcC"), head.find(b"av1C")
    if avc >= 0:
        return f"avc1.{head[avc + 5 : avc + 8].hex().upper()}"
    if av1 < 0:
        return ""
    profile_level, flags = head[av1 + 5], head[av1 + 6]
    tier = "H" if flags & 0x80 else "M"
    depth = 10 if flags & 0x40 else 8
    return f"av01.{profile_level >> 5}.{profile_level & 0x1F:02}{tier}.{depth:02}"


def _audio_codec(head: bytes) -> str:
    if b"mp4a" in head:
        return "mp4a.40.2"  # AAC-LC: the only kind our encoder makes
    return "opus" if b"Opus" in head else ""
