"""What comments and documents cite exists: sections of docs/research, decisions, code by name."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from content_server.settings import PROJECT_DIR

DOCS, PACKAGE = PROJECT_DIR / "docs", PROJECT_DIR / "content_server"
FOLDERS = ("content_server", "tests", "scripts", "bench")
SUFFIXES = {".py", ".js", ".css", ".html", ".yaml"}
CITATION = re.compile(r"(?:docs/)?research/([\w-]+)\.md(?:#([\w-]+))?")
DECISION = re.compile(r"\bdecision (\d+)\b")
CODE = re.compile(r"`([\w/]+\.py)(?::(\w+))?`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def source_files() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((PROJECT_DIR / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.name != Path(__file__).name:
                yield path


def documents() -> list[Path]:
    return [*sorted(PROJECT_DIR.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text("utf-8"))
    return frozenset(re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings)


def test_every_citation_of_research_resolves() -> None:
    cited = 0
    for path in [*source_files(), *documents()]:
        for name, anchor in CITATION.findall(path.read_text("utf-8")):
            page = DOCS / "research" / f"{name}.md"
            assert page.exists(), f"{path} cites {name}"
            assert not anchor or anchor in anchors(page), f"{path} cites {name}#{anchor}"
            cited += 1
    assert cited > 30


def test_every_page_of_research_is_cited() -> None:
    texts = [path.read_text("utf-8") for path in [*source_files(), *documents()]]
    cited = {name for text in texts for name, _anchor in CITATION.findall(text)}
    pages = {path.stem for path in (DOCS / "research").glob("*.md")} - {"README"}
    assert pages <= cited


def test_decisions_are_numbered_without_gaps_and_indexed() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for number, path in enumerate(pages, start=1):
        title = path.read_text("utf-8").splitlines()[0].removeprefix(f"# {number}. ")
        assert f"| {number} | [{title}]({path.name}) |" in index
    for path in [*source_files(), *documents()]:
        for number in DECISION.findall(path.read_text("utf-8")):
            assert 1 <= int(number) <= len(pages), f"{path} names decision {number}"


def test_every_link_from_the_top_of_the_repository_leads_somewhere() -> None:
    for path in PROJECT_DIR.glob("*.md"):
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
            file, _hash, anchor = link.partition("#")
            if "://" in link:
                continue
            assert (path.parent / file).exists(), f"{path.name} names {link}"
            assert not anchor or anchor in anchors(path.parent / file), f"{path.name}: {link}"


def test_the_architecture_and_the_decisions_name_code_that_exists() -> None:
    for page in (DOCS / "architecture.md", *(DOCS / "decisions").glob("[0-9]*.md")):
        text, _heading, _old_names = page.read_text("utf-8").partition("## Old and new names")
        for file, name in CODE.findall(text):
            path = PACKAGE / file.removeprefix("content_server/")
            if not path.exists() and file.startswith(("tests/", "scripts/", "bench/")):
                path = PROJECT_DIR / file
            assert path.exists(), f"{page.name} names {file}"
            tree = ast.walk(ast.parse(path.read_text("utf-8")))
            defined = {
                node.name
                for node in tree
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            }
            assert not name or name in defined, f"{page.name} names {file}:{name}"


def test_files_named_in_contributing_exist() -> None:
    text = (PROJECT_DIR / "CONTRIBUTING.md").read_text("utf-8")
    for name in re.findall(
        r"`((?:content_server|lessons|media|tests|bench|scripts|docs)/[\w./-]+)`", text
    ):
        assert (PROJECT_DIR / name).exists(), name
