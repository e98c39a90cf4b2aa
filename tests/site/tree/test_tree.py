"""The tree: bytes first, rows at once, nothing half; and the same tree as files."""

import base64
import gzip
import hashlib
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # published without types
import pytest

from content_server.errors import PathTaken, UnusableFolder
from content_server.site.tree.csp import find_inline_blocks, make_page_csp
from content_server.site.tree.export import ExportReport, export_site
from content_server.site.tree.tree import BuiltPage, CachePolicy, PreparedEntries, TreeEntry
from tests.support.published_tree import HTML, SmallTree, make_error_pages, make_noise, make_page


@pytest.fixture
def small_tree(tmp_path: Path) -> SmallTree:
    return SmallTree.open(tmp_path)


def entry(small_tree: SmallTree, path: str) -> TreeEntry:
    with small_tree.database.read() as session:
        return {each.path: each for each in small_tree.tree.entries(session)}[path]


def export(small_tree: SmallTree, out: Path) -> ExportReport:
    with small_tree.database.read() as session:
        return export_site(small_tree.tree, session, small_tree.store, out)


def test_every_variant_is_the_page(small_tree: SmallTree) -> None:
    small_tree.publish("lesson:a", make_page("/vi/a"))
    bodies = {
        v.encoding: small_tree.store.read_bytes(v.digest)
        for v in entry(small_tree, "/vi/a").variants
    }
    assert set(bodies) == {"identity", "br", "gzip"}
    assert bodies["identity"] == make_page("/vi/a").body
    assert brotli.decompress(bodies["br"]) == bodies["identity"]
    assert gzip.decompress(bodies["gzip"]) == bodies["identity"]
    assert len(bodies["br"]) < len(bodies["gzip"]) < len(bodies["identity"])
    assert len({variant.etag for variant in entry(small_tree, "/vi/a").variants}) == 3


def test_what_pressing_does_not_shrink_is_kept_plain(small_tree: SmallTree) -> None:
    small_tree.publish("a", BuiltPage("/short", b"a", "text/plain", CachePolicy.PAGE))
    small_tree.publish(
        "b", BuiltPage("/m/1.jpg", b"\xff" * 9000, "image/jpeg", CachePolicy.FOREVER)
    )
    assert [v.encoding for v in entry(small_tree, "/short").variants] == ["identity"]
    assert [v.encoding for v in entry(small_tree, "/m/1.jpg").variants] == ["identity"]


def test_an_owners_pages_become_exactly_the_new_ones(small_tree: SmallTree) -> None:
    small_tree.publish("lesson:a", make_page("/vi/a"), make_page("/vi/b"))
    small_tree.publish("lesson:c", make_page("/vi/c"))
    small_tree.publish("lesson:a", make_page("/vi/b", "mới"), make_page("/vi/d"))
    assert small_tree.paths() == ["/vi/b", "/vi/c", "/vi/d"]


def test_the_same_pages_again_change_nothing(small_tree: SmallTree) -> None:
    small_tree.publish("lesson:a", make_page("/vi/a"), make_page("/vi/b"))
    before, moment = small_tree.generation(), entry(small_tree, "/vi/a").changed_at
    small_tree.publish("lesson:a", make_page("/vi/a"), make_page("/vi/b"))
    assert small_tree.generation() == before
    small_tree.publish("lesson:a", make_page("/vi/a"), make_page("/vi/b", "khác"))
    assert small_tree.generation() > before
    assert entry(small_tree, "/vi/a").changed_at == moment
    assert entry(small_tree, "/vi/b").changed_at != moment


def test_one_transaction_for_all_of_it(small_tree: SmallTree) -> None:
    """A server killed between preparing and committing shows what it showed."""
    small_tree.publish("lesson:a", make_page("/vi/a", "cũ"))
    before, old = small_tree.generation(), entry(small_tree, "/vi/a")
    prepared = small_tree.tree.prepare([make_page("/vi/a", "mới"), make_page("/vi/b")])
    with pytest.raises(Killed):
        replace_and_die(small_tree, "lesson:a", prepared)
    assert small_tree.generation() == before
    assert entry(small_tree, "/vi/a") == old
    assert small_tree.paths() == ["/vi/a"]


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


def replace_and_die(small_tree: SmallTree, owner: str, prepared: PreparedEntries) -> None:
    with small_tree.database.write() as session:
        small_tree.tree.replace(session, owner, prepared)
        session.flush()
        raise Killed


def test_a_path_has_one_owner(small_tree: SmallTree) -> None:
    small_tree.publish("lists", make_page("/vi/tim"))
    with pytest.raises(PathTaken, match="/vi/tim"):
        small_tree.publish("lesson:tim/vi", make_page("/vi/tim"), make_page("/vi/x"))
    assert small_tree.paths() == ["/vi/tim"]


def test_media_may_be_named_by_many_and_outlive_their_page(small_tree: SmallTree) -> None:
    card = BuiltPage("/m/aa.jpg", b"card", "image/jpeg", CachePolicy.FOREVER)
    small_tree.publish("lesson:a", make_page("/vi/a"), card)
    small_tree.publish("lesson:b", make_page("/vi/b"), card)
    generation = small_tree.generation()
    voice = small_tree.publish_file(b"voice")
    assert small_tree.publish_file(b"voice") == voice
    assert small_tree.generation() == generation + 1
    small_tree.publish("lesson:a")
    assert small_tree.paths() == sorted(["/m/aa.jpg", voice, "/vi/b"])
    with small_tree.database.write() as session:
        small_tree.tree.take_down(session, [voice])
    assert voice not in small_tree.paths()
    assert small_tree.generation() > generation + 1


def test_withdrawing_leaves_a_notice_or_nothing(small_tree: SmallTree) -> None:
    small_tree.publish("lesson:a", make_page("/vi/a"), make_page("/vi/a/in"))
    notice = small_tree.tree.prepare([make_page("/vi/a", "không còn", status=410)])
    with small_tree.database.write() as session:
        small_tree.tree.withdraw(session, "lesson:a", notice)
    assert entry(small_tree, "/vi/a").status == 410
    assert small_tree.paths() == ["/vi/a"]
    with small_tree.database.write() as session:
        small_tree.tree.withdraw(session, "lesson:a")
    assert small_tree.paths() == []


@pytest.mark.parametrize(
    "path", ["vi", "/../a", "/vi//a", "/vi/", "/a\0b", "/a b", "/bài", "/" + "a" * 300, "/m/a.jpg"]
)
def test_a_path_that_cannot_be_is_refused(small_tree: SmallTree, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        small_tree.tree.prepare([BuiltPage(path, b"", HTML, CachePolicy.PAGE)])


def test_only_hashed_names_are_kept_for_ever(small_tree: SmallTree) -> None:
    with pytest.raises(ValueError, match="not a path"):
        small_tree.tree.prepare([BuiltPage("/vi/a", b"", HTML, CachePolicy.FOREVER)])


def test_the_policy_names_the_inline_blocks_as_a_browser_hashes_them() -> None:
    html = "<style>p{content:'ệ &amp;'}</style><script>1 < 2 && '</p>'</script>"
    html += '<script src="/x.js"></script><script type="application/ld+json">{}</script>'
    blocks = find_inline_blocks(html.encode())
    assert blocks.styles == {sha256_of("p{content:'ệ &amp;'}")}
    assert blocks.scripts == {sha256_of("1 < 2 && '</p>'")}
    policy = make_page_csp(blocks)
    assert f"script-src '{sha256_of(chr(49) + ' < 2 && ' + chr(39) + '</p>' + chr(39))}';" in policy
    assert policy.count("sha256-") == 2
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def sha256_of(block: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}"


def test_export_writes_the_tree_and_then_only_what_changed(
    small_tree: SmallTree, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    voice = small_tree.publish_file(make_noise(3000))
    small_tree.publish("lists", make_page("/"), make_page("/vi"), *make_error_pages())
    small_tree.publish("lesson:a", make_page("/vi/a"))
    assert export(small_tree, out).written == 1 + 5 * 3
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert {"index.html", "vi.html", "vi/a.html", "vi/a.html.br", "vi/a.html.gz"} <= names
    assert {"404.html", "500.html", voice.lstrip("/")} <= names
    assert (out / "vi/a.html").read_bytes() == make_page("/vi/a").body
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}

    small_tree.publish("lesson:a", make_page("/vi/a", "khác"))
    report = export(small_tree, out)
    assert (report.written, report.removed, report.nginx_changed) == (3, 0, False)
    changed = {path.name for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert changed == {"a.html", "a.html.br", "a.html.gz"}
    assert export(small_tree, out) == ExportReport(0, 16, 0, nginx_changed=False)


def test_two_exports_of_one_tree_carry_the_same_times(
    small_tree: SmallTree, tmp_path: Path
) -> None:
    """Two nginx boxes over one tree must make the same ETag from time and size."""
    small_tree.publish("lesson:a", make_page("/vi/a"))
    export(small_tree, tmp_path / "one")
    export(small_tree, tmp_path / "two")
    one, two = (tmp_path / box / "vi/a.html.br" for box in ("one", "two"))
    assert int(one.stat().st_mtime) == int(two.stat().st_mtime)


def test_export_removes_all_three_files_of_what_is_gone(
    small_tree: SmallTree, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    small_tree.publish("lesson:a", make_page("/vi/deep/a"))
    small_tree.publish("lesson:b", make_page("/vi/b"))
    export(small_tree, out)
    (out / ".unfinished").write_bytes(b"left by a crash")
    small_tree.publish("lesson:a", make_page("/vi/deep/a", "không còn", status=410))
    export(small_tree, out)
    left = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    gone = [f"410/vi/deep/a.html{suffix}" for suffix in ("", ".br", ".gz")]
    assert left == [*gone, "vi/b.html", "vi/b.html.br", "vi/b.html.gz"]
    assert not (out / "vi/deep").exists()


def test_export_repairs_a_damaged_page(small_tree: SmallTree, tmp_path: Path) -> None:
    out = tmp_path / "out"
    small_tree.publish("lesson:a", make_page("/vi/a"))
    export(small_tree, out)
    right = (out / "vi/a.html").read_bytes()
    (out / "vi/a.html").write_bytes(b"x" * len(right))
    assert export(small_tree, out).written == 1
    assert (out / "vi/a.html").read_bytes() == right


def test_export_never_empties_somebody_elses_folder(small_tree: SmallTree, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "photos.txt").write_text("mine")
    small_tree.publish("lesson:a", make_page("/vi/a"))
    with pytest.raises(UnusableFolder, match="home"):
        export(small_tree, home)
    assert [path.name for path in home.iterdir()] == ["photos.txt"]
