"""Names are standard terms: unique, verbs for functions, and none of the abandoned words."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from content_server.settings import PROJECT_DIR

PACKAGE = PROJECT_DIR / "content_server"
TESTS = PROJECT_DIR / "tests"
MOST_FILES = 14  # in one folder: what a person still takes in at a glance
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

# A function does something: its name is a verb, as a rule with its object.
PARTICIPLES = """
    asked begun bought bound brought built chosen counted done drawn dropped ended entered
    filled found given gone heard held hidden kept known laid learnt led left lost made measured
    met moved named opened packed paid passed picked placed pressed refused said seen sent
    settled shown shrunk signed sold spoken stamped stored taken taught thrown told tried turned
    typed used wanted written wrapped
"""

# Words of the vocabulary this project had before; no identifier contains them.
ABANDONED = """
    blur blurred bring bringing brought burning canvas counted covering darkroom deed deeds delays
    desk developed developing door doors due edge ended evening evenings few film films finding
    findings foreknown guard guest guests hand hands house houses incoming keep keeping keeps kept
    later launcher ledger lighten lighter likeness look looks manuscript medium memory offer pace
    packed people press pressed pressing pulse receiving refusal refusals refused register
    registers remark remarks repairs rest road roads room rooms roster settle settled sheet sheets
    shelf shelves shot shots shrink shrinking shrunk sounding stamp stamps standing standings stick
    sticks sums taught tell telling tells told tryout turn turns waiting wanted who whoever whom
    wish wishes wordlist wordlists workbench
"""

# word: (identifiers that keep it, why); it has its plain, standard sense there.
ALLOWED: dict[str, tuple[set[str], str]] = {
    "counted": ({"_last_counted_day", "counted_bytes"}, "the participle before its noun"),
    "desk": ({"draw_commune_desk", "draw_health_desk"}, "drawings of desks"),
    "due": ({"is_due", "is_review_due", "is_touch_due"}, "the date has come"),
    "ended": ({"_backoff_has_ended"}, "the verb"),
    "few": ({"_too_few"}, "the opposite of too many"),
    "guard": ({"RequestGuard"}, "the field's word for middleware that refuses requests"),
    "hand": ({"draw_phone_hand"}, "a drawing of a hand"),
    "hands": ({"HANDS"}, "hands raised in a poll"),
    "keep": (
        {"KEEP_ALIVE_S", "_keep_newest", "keep_alive", "keep_existing"},
        "HTTP keep-alive; the verb with its object",
    ),
    "later": ({"_retry_later"}, "the adverb"),
    "look": ({"look"}, "a key of lesson files: how a button looks"),
    "medium": (
        {"ArchivedMedium", "_is_medium", "extract_medium", "medium"},
        "one of the media of a lesson",
    ),
    "memory": ({"MEMORY_BYTES", "memory_bytes"}, "RAM"),
    "people": (
        {"PEOPLE_VOICE_FOLDER", "TwoPeopleNeeded", "list_people", "people", "two_people"},
        "persons; TWO_PEOPLE is a setting that users type",
    ),
    "refusal": ({"refusal", "request_refusal"}, "the error a request is answered with"),
    "register": ({"_register_source", "register_source"}, "the verb"),
    "rest": (
        {
            "MIN_REST_SHARE",
            "REST_SHARE",
            "REST_THRESHOLDS",
            "_read_rest",
            "rest",
            "rest_every_nth",
            "rest_share",
        },
        "a picture at rest; what remains of a list",
    ),
    "sheet": (
        {
            "HOUSEHOLD_SHEET",
            "HouseholdSheetPage",
            "build_household_sheet_page",
            "contact_sheet",
            "household_sheet",
            "sheet",
            "write_contact_sheet",
        },
        "a sheet of paper or of a workbook; a contact sheet of images",
    ),
    "sheets": ({"household_sheets"}, "sheets of paper, for the helper of a village"),
    "stamp": ({"stamp_command"}, "the word users type: `content-server stamp`"),
    "waiting": (
        {"WAITING", "_return_to_waiting", "run_waiting_jobs", "waiting"},
        "a state of jobs",
    ),
    "who": ({"who"}, "a field of forms: the name of a person"),
}


def source_files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name != "versions":  # migrations stay as they were run
            yield path


def defined_names(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each name that a module gives, with its line: 0 for its own and its packages'."""
    for part in path.relative_to(PACKAGE).parts:
        yield part.removesuffix(".py"), 0
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str(name)):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)):
                yield name, node.lineno
            case _:
                pass


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods; a property is a value, and no function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not any(
            "property" in ast.unparse(each) for each in node.decorator_list
        ):
            yield node


def abandoned_words(name: str) -> set[str]:
    words = {word.lower() for word in WORD.findall(name)}.intersection(ABANDONED.split())
    return {word for word in words if name not in ALLOWED.get(word, (set(), ""))[0]}


def test_no_public_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for path in source_files():
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if not node.name.startswith("_"):
                places[node.name].append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_functions_are_named_by_verbs() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"
        for path in source_files()
        for node in functions(ast.parse(path.read_text("utf-8")))
        if node.name.strip("_") in PARTICIPLES.split()
    ]
    assert found == []


def test_no_identifier_contains_an_abandoned_word() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line} {name}: {', '.join(words)}"
        for path in source_files()
        for name, line in defined_names(path)
        if (words := sorted(abandoned_words(name)))
    ]
    assert found == [], f"{len(found)} names:\n" + "\n".join(found)


def test_each_exception_is_needed() -> None:
    names = {name for path in source_files() for name, _line in defined_names(path)}
    for word, (allowed, reason) in ALLOWED.items():
        assert reason
        assert word in ABANDONED.split()
        assert allowed <= names, (word, allowed - names)


def test_a_folder_holds_few_files() -> None:
    files: dict[Path, int] = defaultdict(int)
    for path in source_files():
        files[path.parent.relative_to(PROJECT_DIR)] += 1
    assert {str(folder): n for folder, n in files.items() if n > MOST_FILES} == {}


def test_tests_import_nothing_from_test_modules() -> None:
    found = []
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{a.name}" for a in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            modules = {name.rpartition(".")[2] for name in names if name.startswith("tests")}
            if any(name == "conftest" or name.startswith("test_") for name in modules):
                found.append(f"{path.relative_to(TESTS)}:{node.lineno}")
    assert found == []
