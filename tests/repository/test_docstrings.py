"""Docstrings and comments name only classes and files that exist."""

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from content_server.settings import PROJECT_DIR

PACKAGE = PROJECT_DIR / "content_server"
FILES = sorted(p for p in PACKAGE.rglob("*.py") if "versions" not in p.parts)
CLASS_NAME = re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")
FILE_NAME = re.compile(r"\b[\w/-]+\.(?:py|md|js|css)\b")
# Products and types of other people's that read like a class of ours.
OTHERS = {"LearningResource", "LibreOffice", "PowerPoint", "UndefinedError", "SourceMods"}


def test_every_class_in_a_docstring_exists() -> None:
    known = set(dir(builtins)) | OTHERS
    trees = {path: ast.parse(path.read_text("utf-8")) for path in FILES}
    for tree in trees.values():
        known |= set(_names(tree))
    unknown = [
        f"{path.relative_to(PROJECT_DIR)}: {name}"
        for path, tree in trees.items()
        for text in _docstrings(tree)
        for name in CLASS_NAME.findall(text)
        if name not in known and name.removesuffix("s") not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_in_a_comment_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    spoken = [*_docstrings(ast.parse(text)), *_comments(text)]
    missing = [name for words in spoken for name in FILE_NAME.findall(words) if not _exists(name)]
    assert missing == []


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((each.asname or each.name).split(".")[0] for each in node.names)
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _docstrings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@cache
def _paths() -> list[str]:
    folders = ("bench", "content_server", "docs", "lessons", "scripts", "tests")
    return [
        f"/{path.relative_to(PROJECT_DIR)}"
        for folder in folders
        for path in (PROJECT_DIR / folder).rglob("*.*")
    ]


def _exists(name: str) -> bool:
    """Tell whether some file has this name, or this end of its path."""
    return any(path.endswith(f"/{name}") for path in _paths())
