"""Sixty and more odd and hostile files: the playable are repaired, the rest cost one sentence."""

from pathlib import Path

import pytest

from content_server.errors import InvalidMedia
from content_server.media.ffmpeg.probe import probe
from content_server.media.media_kinds import MediaKind
from content_server.media.required_renditions import make_required_renditions
from tests.media.unusual_files import FILE_CASES, FINE, NAMES, SMALL, FileCase
from tests.support.media_files import make_clip


def test_there_are_sixty() -> None:
    assert len(FILE_CASES) + len(NAMES) >= 60
    assert len({odd.name for odd in FILE_CASES}) == len(FILE_CASES)


@pytest.mark.parametrize("odd", FILE_CASES, ids=lambda odd: odd.name)
def test_an_odd_file_is_repaired_or_costs_one_sentence(odd: FileCase, tmp_path: Path) -> None:
    source, job = tmp_path / "source", tmp_path / "job"
    odd.make(source)
    job.mkdir()
    if odd.says == FINE:
        made = make_required_renditions(odd.medium, source, job)
        assert made
        assert all(each.path.stat().st_size for each in made)
        return
    with pytest.raises(InvalidMedia) as caught:
        make_required_renditions(odd.medium, source, job)
    words = str(caught.value)
    assert odd.says in words
    assert "\n" not in words
    assert str(tmp_path) not in words
    assert not list(job.iterdir())
    assert {path.name for path in tmp_path.iterdir()} == {"source", "job"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    source = tmp_path / name
    make_clip(tmp_path / "plain.mp4", source=SMALL).rename(source)
    assert make_required_renditions(MediaKind.CLIP, source, job)
    assert {path.name for path in tmp_path.iterdir()} == {name, "job"}


def test_what_needs_repair_is_known(tmp_path: Path) -> None:
    made = {odd.name: odd for odd in FILE_CASES}
    for name in ("hdr10", "hlg", "interlaced", "turned"):
        made[name].make(tmp_path / name)
    assert probe(tmp_path / "hdr10", MediaKind.CLIP).is_hdr
    assert probe(tmp_path / "hlg", MediaKind.CLIP).is_hdr
    assert probe(tmp_path / "interlaced", MediaKind.CLIP).is_interlaced
    assert probe(tmp_path / "turned", MediaKind.CLIP).short_side_px == 48
