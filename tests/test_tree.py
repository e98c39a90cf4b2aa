"""The tree: bytes first, rows at once, nothing half; and the same tree as files."""

import base64
import gzip
import hashlib
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # published without types
import pytest
from published_samples import HTML, Shop, noise, notices, page

from content_server.errors import FolderRefused, PathTaken
from content_server.site.tree.csp import blocks_of, page_policy
from content_server.site.tree.export import Report, write_site
from content_server.site.tree.tree import Cache, Entry, Page, Prepared


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop.open(tmp_path)


def entry(shop: Shop, path: str) -> Entry:
    with shop.database.read() as session:
        return {each.path: each for each in shop.tree.entries(session)}[path]


def export(shop: Shop, out: Path) -> Report:
    with shop.database.read() as session:
        return write_site(shop.tree, session, shop.store, out)


def test_every_variant_is_the_page(shop: Shop) -> None:
    shop.publish("lesson:a", page("/vi/a"))
    bodies = {v.encoding: shop.store.read_bytes(v.digest) for v in entry(shop, "/vi/a").variants}
    assert set(bodies) == {"identity", "br", "gzip"}
    assert bodies["identity"] == page("/vi/a").body
    assert brotli.decompress(bodies["br"]) == bodies["identity"]
    assert gzip.decompress(bodies["gzip"]) == bodies["identity"]
    assert len(bodies["br"]) < len(bodies["gzip"]) < len(bodies["identity"])
    assert len({variant.etag for variant in entry(shop, "/vi/a").variants}) == 3


def test_what_pressing_does_not_shrink_is_kept_plain(shop: Shop) -> None:
    shop.publish("a", Page("/short", b"a", "text/plain", Cache.PAGE))
    shop.publish("b", Page("/m/1.jpg", b"\xff" * 9000, "image/jpeg", Cache.FOREVER))
    assert [v.encoding for v in entry(shop, "/short").variants] == ["identity"]
    assert [v.encoding for v in entry(shop, "/m/1.jpg").variants] == ["identity"]


def test_an_owners_pages_become_exactly_the_new_ones(shop: Shop) -> None:
    shop.publish("lesson:a", page("/vi/a"), page("/vi/b"))
    shop.publish("lesson:c", page("/vi/c"))
    shop.publish("lesson:a", page("/vi/b", "mới"), page("/vi/d"))
    assert shop.paths() == ["/vi/b", "/vi/c", "/vi/d"]


def test_the_same_pages_again_change_nothing(shop: Shop) -> None:
    shop.publish("lesson:a", page("/vi/a"), page("/vi/b"))
    before, moment = shop.generation(), entry(shop, "/vi/a").changed_at
    shop.publish("lesson:a", page("/vi/a"), page("/vi/b"))
    assert shop.generation() == before
    shop.publish("lesson:a", page("/vi/a"), page("/vi/b", "khác"))
    assert shop.generation() > before
    assert entry(shop, "/vi/a").changed_at == moment
    assert entry(shop, "/vi/b").changed_at != moment


def test_one_transaction_for_all_of_it(shop: Shop) -> None:
    """A server killed between preparing and committing shows what it showed."""
    shop.publish("lesson:a", page("/vi/a", "cũ"))
    before, old = shop.generation(), entry(shop, "/vi/a")
    prepared = shop.tree.prepare([page("/vi/a", "mới"), page("/vi/b")])
    with pytest.raises(Killed):
        replace_and_die(shop, "lesson:a", prepared)
    assert shop.generation() == before
    assert entry(shop, "/vi/a") == old
    assert shop.paths() == ["/vi/a"]


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


def replace_and_die(shop: Shop, owner: str, prepared: Prepared) -> None:
    with shop.database.write() as session:
        shop.tree.replace(session, owner, prepared)
        session.flush()
        raise Killed


def test_a_path_has_one_owner(shop: Shop) -> None:
    shop.publish("lists", page("/vi/tim"))
    with pytest.raises(PathTaken, match="/vi/tim"):
        shop.publish("lesson:tim/vi", page("/vi/tim"), page("/vi/x"))
    assert shop.paths() == ["/vi/tim"]


def test_media_may_be_named_by_many_and_outlive_their_page(shop: Shop) -> None:
    card = Page("/m/aa.jpg", b"card", "image/jpeg", Cache.FOREVER)
    shop.publish("lesson:a", page("/vi/a"), card)
    shop.publish("lesson:b", page("/vi/b"), card)
    generation = shop.generation()
    voice = shop.publish_medium(b"voice")
    assert shop.publish_medium(b"voice") == voice
    assert shop.generation() == generation + 1
    shop.publish("lesson:a")
    assert shop.paths() == sorted(["/m/aa.jpg", voice, "/vi/b"])
    with shop.database.write() as session:
        shop.tree.take_down(session, [voice])
    assert voice not in shop.paths()
    assert shop.generation() > generation + 1


def test_withdrawing_leaves_a_notice_or_nothing(shop: Shop) -> None:
    shop.publish("lesson:a", page("/vi/a"), page("/vi/a/in"))
    notice = shop.tree.prepare([page("/vi/a", "không còn", status=410)])
    with shop.database.write() as session:
        shop.tree.withdraw(session, "lesson:a", notice)
    assert entry(shop, "/vi/a").status == 410
    assert shop.paths() == ["/vi/a"]
    with shop.database.write() as session:
        shop.tree.withdraw(session, "lesson:a")
    assert shop.paths() == []


@pytest.mark.parametrize(
    "path", ["vi", "/../a", "/vi//a", "/vi/", "/a\0b", "/a b", "/bài", "/" + "a" * 300, "/m/a.jpg"]
)
def test_a_path_that_cannot_be_is_refused(shop: Shop, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        shop.tree.prepare([Page(path, b"", HTML, Cache.PAGE)])


def test_only_hashed_names_are_kept_for_ever(shop: Shop) -> None:
    with pytest.raises(ValueError, match="not a path"):
        shop.tree.prepare([Page("/vi/a", b"", HTML, Cache.FOREVER)])


def test_the_policy_names_the_inline_blocks_as_a_browser_hashes_them() -> None:
    html = "<style>p{content:'ệ &amp;'}</style><script>1 < 2 && '</p>'</script>"
    html += '<script src="/x.js"></script><script type="application/ld+json">{}</script>'
    blocks = blocks_of(html.encode())
    assert blocks.styles == {sha256_of("p{content:'ệ &amp;'}")}
    assert blocks.scripts == {sha256_of("1 < 2 && '</p>'")}
    policy = page_policy(blocks)
    assert f"script-src '{sha256_of(chr(49) + ' < 2 && ' + chr(39) + '</p>' + chr(39))}';" in policy
    assert policy.count("sha256-") == 2
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def sha256_of(block: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}"


def test_export_writes_the_tree_and_then_only_what_changed(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    voice = shop.publish_medium(noise(3000))
    shop.publish("lists", page("/"), page("/vi"), *notices())
    shop.publish("lesson:a", page("/vi/a"))
    assert export(shop, out).written == 1 + 5 * 3
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert {"index.html", "vi.html", "vi/a.html", "vi/a.html.br", "vi/a.html.gz"} <= names
    assert {"404.html", "500.html", voice.lstrip("/")} <= names
    assert (out / "vi/a.html").read_bytes() == page("/vi/a").body
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}

    shop.publish("lesson:a", page("/vi/a", "khác"))
    report = export(shop, out)
    assert (report.written, report.removed, report.reload_edge) == (3, 0, False)
    changed = {path.name for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert changed == {"a.html", "a.html.br", "a.html.gz"}
    assert export(shop, out) == Report(0, 16, 0, reload_edge=False)


def test_two_exports_of_one_tree_carry_the_same_times(shop: Shop, tmp_path: Path) -> None:
    """Two nginx boxes over one tree must make the same ETag from time and size."""
    shop.publish("lesson:a", page("/vi/a"))
    export(shop, tmp_path / "one")
    export(shop, tmp_path / "two")
    one, two = (tmp_path / box / "vi/a.html.br" for box in ("one", "two"))
    assert int(one.stat().st_mtime) == int(two.stat().st_mtime)


def test_export_removes_all_three_files_of_what_is_gone(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shop.publish("lesson:a", page("/vi/deep/a"))
    shop.publish("lesson:b", page("/vi/b"))
    export(shop, out)
    (out / ".unfinished").write_bytes(b"left by a crash")
    shop.publish("lesson:a", page("/vi/deep/a", "không còn", status=410))
    export(shop, out)
    left = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    gone = [f"410/vi/deep/a.html{suffix}" for suffix in ("", ".br", ".gz")]
    assert left == [*gone, "vi/b.html", "vi/b.html.br", "vi/b.html.gz"]
    assert not (out / "vi/deep").exists()


def test_export_repairs_a_damaged_page(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shop.publish("lesson:a", page("/vi/a"))
    export(shop, out)
    right = (out / "vi/a.html").read_bytes()
    (out / "vi/a.html").write_bytes(b"x" * len(right))
    assert export(shop, out).written == 1
    assert (out / "vi/a.html").read_bytes() == right


def test_export_never_empties_somebody_elses_folder(shop: Shop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "photos.txt").write_text("mine")
    shop.publish("lesson:a", page("/vi/a"))
    with pytest.raises(FolderRefused, match="home"):
        export(shop, home)
    assert [path.name for path in home.iterdir()] == ["photos.txt"]
