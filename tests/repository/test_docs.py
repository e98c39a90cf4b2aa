"""The documents: what they name exists, and each promise names a test that exists."""

import ast
import re
import subprocess
import sys

import pytest
from typer.main import get_command

from content_server.__main__ import app
from content_server.lessons.source.schema import lesson_schema, schema_text, translation_schema
from content_server.settings import PREFIX, PROJECT_DIR, Settings

DOCS = PROJECT_DIR / "docs"
TEXTS = {".py", ".md", ".yaml", ".html", ".css", ".js", ""}
PROMISE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_the_schemas_are_fresh() -> None:
    for name, schema in (("lesson", lesson_schema()), ("translation", translation_schema())):
        kept = (DOCS / f"{name}.schema.json").read_text("utf-8")
        assert kept == schema_text(schema), "run: content-server schema docs"


def test_every_promise_names_a_test_that_exists() -> None:
    promises = PROMISE.findall((DOCS / "promises.md").read_text("utf-8"))
    assert len(promises) > 20
    for file, name in promises:
        tree = ast.parse((PROJECT_DIR / file).read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in names, f"{file} has no {name}"


def test_every_setting_is_documented() -> None:
    text = (DOCS / "deploy.md").read_text("utf-8")
    for name in Settings.__dataclass_fields__:
        assert f"`{name.upper()}`" in text, f"{PREFIX}{name.upper()} is not in docs/deploy.md"


def test_every_link_in_the_documents_leads_somewhere() -> None:
    for path in (PROJECT_DIR / "README.md", *DOCS.rglob("*.md")):
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
            if "://" not in link:
                assert (path.parent / link).exists(), f"{path.name} names {link}"


def test_every_command_says_what_it_does() -> None:
    commands = get_command(app)
    for name, command in commands.commands.items():  # type: ignore[attr-defined]  # a group has them
        assert command.help, name


def test_every_module_begins_with_one_sentence() -> None:
    for path in (PROJECT_DIR / "content_server").rglob("*.py"):
        text = path.read_text("utf-8")
        if not text or path.parent.name == "versions":
            continue
        docstring = ast.get_docstring(ast.parse(text))
        assert docstring, path
        first = docstring.split("\n\n")[0]
        assert first.rstrip().endswith("."), f"{path}: {first}"
        assert len(text.splitlines()) <= 400, f"{path}: is there a second noun in it?"


def test_the_english_catalogue_has_no_gap() -> None:
    script = PROJECT_DIR / "scripts" / "phrases.py"
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/dev.txt"])
def test_the_lock_says_nothing_of_where_packages_come_from(name: str) -> None:
    text = (PROJECT_DIR / name).read_text("utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def test_no_file_names_a_machine() -> None:
    words = re.compile("/" + "work/|/" + "root/|/" + "home/[a-z]")
    for folder in ("content_server", "lessons", "scripts", "docs", "tests"):
        for path in (PROJECT_DIR / folder).rglob("*"):
            if path.is_file() and path.suffix in TEXTS:
                assert not words.search(path.read_text("utf-8")), path


def test_files_are_where_readers_are_told() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    for name in ("pipeline/", "app.py", "db.py", "phrases.py", "errors/", "locales.py"):
        assert name in text
        assert (PROJECT_DIR / "content_server" / name).exists()
