#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Shake a course pack: flip single bits, cut it short; every one must be refused.

    scripts/shake_pack.py khoa-hoc.tar                     1,000 flips and 200 cuts
    scripts/shake_pack.py khoa-hoc.tar --flips 50 --seed 3

Half of the flips fall anywhere, half into the beginning and the headers, which are small and
therefore hardly ever hit by chance (docs/research/trust.md#tampered-packs).
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from content_server.errors import InvalidCoursePack
from content_server.site.course.container import PackSegment
from content_server.site.course.verification import verify_pack


def main() -> None:
    wanted = _arguments()
    chance = random.Random(wanted.seed)  # noqa: S311  # the same again for the same seed
    pack = verify_pack(wanted.pack)
    headers = _headers(pack.segments)
    let_in = []
    with tempfile.TemporaryDirectory() as name:
        spoilt = Path(name) / "spoilt.tar"
        spoilt.write_bytes(wanted.pack.read_bytes())
        size = spoilt.stat().st_size
        for number in range(wanted.flips):
            at = chance.randrange(size) if number % 2 else chance.choice(headers)
            bit = chance.randrange(8)
            _flip(spoilt, at, bit)
            let_in += [f"bit {bit} of byte {at}"] * _is_let_in(spoilt)
            _flip(spoilt, at, bit)
        verify_pack(spoilt)  # whole again: the refusals were for the bits
        for length in sorted((chance.randrange(size) for _cut in range(wanted.cuts)), reverse=True):
            with spoilt.open("r+b") as file:
                file.truncate(length)
            let_in += [f"cut at {length}"] * _is_let_in(spoilt)
    print(f"seed {wanted.seed}: {wanted.flips} flips, {wanted.cuts} cuts, {len(let_in)} let in")
    for each in let_in:
        print(f"  {each}", file=sys.stderr)
    if let_in:
        raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pack", type=Path, help="a course pack")
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _headers(pieces: Iterable[PackSegment]) -> list[int]:
    """Return the bytes that are no file's content: manifest, signature, headers, padding, end."""
    at, own = 0, list[int]()
    for piece in pieces:
        if piece.literal is not None:
            own += range(at, at + piece.size_bytes)
        at += piece.size_bytes
    return own


def _flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def _is_let_in(path: Path) -> bool:
    try:
        verify_pack(path)
    except InvalidCoursePack:
        return False
    return True


if __name__ == "__main__":
    main()
