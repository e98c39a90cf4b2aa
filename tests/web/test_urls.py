"""Every address is spelled in urls.py alone, means one thing, and stays served for a release."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Match

from content_server import urls
from content_server.accounts.roles import Role
from content_server.app import create_app, create_fastapi_app
from content_server.services import Services
from content_server.settings import PROJECT_DIR
from content_server.web import box
from content_server.web.middleware import find_present_url
from content_server.web.permissions import iterate_routes
from tests.support.accounts import client_with_role
from tests.support.editor_services import open_lesson_services

PACKAGE = PROJECT_DIR / "content_server"
JSON = {"accept": "application/json"}
ROUTES = {name: value for name, value in vars(urls).items() if isinstance(value, urls.Route)}
PUBLISHED = {  # answered from the tree of pages, which the app does not serve
    "START_PAGE", "LESSON_LIST", "LESSON_PAGE", "SHORT_LESSON", "SHORT_TRANSLATION", "DECK",
    "NOTES", "SEARCH_PAGE", "HOUSEHOLD_SHEET", "SESSION_PLAN", "ANSWER_CARDS", "PODCAST",
    "SITEMAP", "ROBOTS", "NOT_FOUND_PAGE", "SERVER_ERROR_PAGE", "MEDIA_FILE",
}  # fmt: skip
OUTSIDE_THE_APP = {"BEACONS"}  # answered before the app, see web/published/beacons.py
BOX_ONLY = {"BOX_START", "BOX_NETWORK"}
EXCEPTIONS = {  # literals outside urls.py, and why
    "web/error_handlers.py": {"Câu hỏi viết chưa đúng. Xem cách hỏi ở /-/docs."},  # a msgid
}
# word without marks at the end of an address: (what it is, addresses that end so)
WORDS = {
    "anh": ("ảnh, photo", {"EDITION_PHOTOS_PAGE"}),
    "bai": ("bài, lesson", {"EDITION"}),
    "bai-moi": ("bài mới, new lesson", {"NEW_LESSON"}),
    "ban": ("bản, village", {"VILLAGE_LINKS", "VILLAGE_LINK"}),
    "bang": ("bảng, board", {"BOARD", "BOARD_CSV"}),
    "bang-chu": ("bảng chữ, text table", {"EDITION_TEXT_TABLE"}),
    "buoi": ("buổi, session", {"SESSION_PLAN"}),
    "cham": ("chậm, slow", {"SLOW_DRAFT_MEDIA"}),
    "chieu": ("chiếu, to project", {"DECK"}),
    "cho-xem": ("cho xem, to share", {"EDITION_SHARE_LINKS_PAGE"}),
    "co-san": ("có sẵn, existing", {"EDITION_KNOWN_SCREENS"}),
    "dang-len": ("đăng lên, to publish", {"EDITION_PUBLISHING"}),
    "danh-sach": ("danh sách, registry", {"REGISTRIES", "REGISTRY", "REGISTRY_ENTRY"}),
    "dem": ("đếm, to count", {"BEACONS"}),
    "den-han": ("đến hạn, due", {"REVIEW_DATES"}),
    "dieu-khien": ("điều khiển, remote control", {"REMOTE_PAIRINGS", "REMOTE_CONTROL"}),
    "dong-y": ("đồng ý, consent", {"CONSENTS_PAGE"}),
    "du-lieu": ("dữ liệu, data", {"OWN_DATA"}),
    "duyet": ("duyệt, review", {"EDITION_REVIEW"}),
    "ghi-chu": ("ghi chú, notes", {"NOTES"}),
    "gia": ("giá, cost", {"EDITION_COST"}),
    "goi": ("gói, pack", {"COURSE_DOWNLOADS", "LESSON_DOWNLOADS", "LESSON_PACK"}),
    "hop": ("hộp, box", {"BOX_START"}),
    "khac": ("khác, different", {"EDITION_CONFLICTS_PAGE"}),
    "khoa-hoc": ("khóa học, course", {"COURSE_PACK"}),
    "lich-su": ("lịch sử, history", {"EDITION_HISTORY"}),
    "loa": ("loa, loudspeaker", {"PODCAST"}),
    "ma": ("mã, code", {"SIGN_IN_TOTP"}),
    "ma-hai": ("mã hai, second code", {"OWN_TOTP_SETUP"}),
    "man-hinh": ("màn hình, screen", {"EDITION_COMPOSER"}),
    "mang": ("mạng, network", {"BOX_NETWORK"}),
    "moi": ("mời, to invite", {"INVITATION_FORM", "ACCEPT_INVITATION"}),
    "_muc-moi": ("mục mới, new entry", {"REGISTRY_NEW_ENTRY"}),
    "nghe": ("nghe, to listen", {"REMOTE_NEWS"}),
    "nguoi": ("người, person", {"ACCOUNTS", "ACCOUNT"}),
    "nha": ("nhà, household", {"HOUSEHOLD_SHEET"}),
    "nhan-bai": ("nhận bài, to receive a lesson", {"IMPORT_PAGE"}),
    "nhat-ky": ("nhật ký, log", {"AUDIT_LOG"}),
    "noi": ("nói, to say", {"EDITION_SPOKEN_COMMENT_PAGE", "REMOTE_MESSAGES"}),
    "noi-lai": ("nói lại, to say again", {"EDITION_BACK_TRANSLATION_PAGE"}),
    "phim": ("phim, clip", {"EDITION_CLIPS_PAGE"}),
    "soan": ("soạn, to edit", {"EDITORS_HOME"}),
    "su-kien": ("sự kiện, event", {"CLIP_EVENTS"}),
    "tai-len": ("tải lên, to upload", {"CLIPS_PAGE"}),
    "tap-huan": ("tập huấn, training", {"TRAINERS_HOME"}),
    "tep": ("tệp, file", {"DRAFT_MEDIA"}),
    "the-abcd": ("thẻ A B C D, answer cards", {"ANSWER_CARDS"}),
    "thu": ("thu, to record", {"EDITION_RECORDER"}),
    "tim": ("tìm, to search", {"SEARCH", "SEARCH_PAGE"}),
    "tinh": ("tĩnh, static", {"ASSET"}),
    "to": ("tờ, sheet", {"VILLAGE_POSTER"}),
    "toi": ("tôi, I", {"OWN_ACCOUNT"}),
    "trang-thai": ("trạng thái, state", {"CLIP_STATES"}),
    "vao": ("vào, to enter", {"SIGN_IN"}),
    "xem": ("xem, to view", {"EDITION_PREVIEW", "SHARED_PREVIEW", "SHARED_MEDIA"}),
}
ENGLISH = {
    "404", "500", "approve", "back-translations", "close", "comments", "conflicts", "consents",
    "delete", "disable", "docs", "downscale-photos", "draw", "enable", "end", "end-others",
    "grants", "import", "invitations", "language", "languages", "lesson", "lessons", "m", "media",
    "name", "openapi", "original", "passphrase", "photos", "publish", "reinvite", "remove",
    "return", "revoke", "review-date", "robots", "roll-back", "save", "scenes", "screens",
    "share-links", "sign-out", "sitemap", "snapshots", "spoken-comments", "steps", "submit",
    "take-down", "takes", "text-table", "uploads", "usb", "withdraw",
}  # fmt: skip


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with one lesson, published."""
    services = open_lesson_services(tmp_path_factory.mktemp("urls"), 1)
    yield services
    services.database.close()


def test_an_address_is_filled_in_with_encoded_parameters() -> None:
    assert urls.EDITION_REVIEW.url(slug="a", folder="vi") == "/-/soan/bai/a/vi/duyet"
    assert urls.EDITION.url(slug="a/b c", folder="é") == "/-/soan/bai/a%2Fb%20c/%C3%A9"
    assert urls.REGISTRY_ENTRY.url(name="units", key="lai-chau/m k").endswith("/lai-chau/m%20k")
    query = {"xong": "luu & đóng", "ai": None, "q": "", "trang": 2}
    assert urls.REGISTRIES.url(query=query) == (
        "/-/soan/danh-sach?xong=luu%20%26%20%C4%91%C3%B3ng&trang=2"
    )
    assert urls.EDITION.url(slug="a", folder="vi", fragment="mo").endswith("/a/vi#mo")
    assert urls.PHOTO.fill(slug="a b") == "/-/soan/bai/a%20b/photos/{photo}"
    assert urls.SEARCH.prefix == "/-/tim"
    assert urls.SIGN_IN.prefix == "/-/vao"


@pytest.mark.parametrize("parameters", [{}, {"folder": "vi", "slug": "a"}, {"slug": "a"}])
def test_a_parameter_too_few_or_too_many_is_an_error(parameters: dict[str, str]) -> None:
    with pytest.raises(KeyError, match="folder"):
        urls.SEARCH.url(query=None, fragment="", **parameters)


def test_a_path_is_matched_to_its_template() -> None:
    assert urls.EDITION.match("/-/soan/bai/a/vi") == {"slug": "a", "folder": "vi"}
    assert urls.EDITION.match("/-/soan/bai/a/vi/duyet") is None
    assert urls.REGISTRY_ENTRY.match("/-/soan/danh-sach/units/a/b") == {
        "name": "units",
        "key": "a/b",
    }
    assert urls.SITEMAP.match("/sitemapxxml") is None


def test_no_other_module_spells_an_address() -> None:
    segments = {part for route in ROUTES.values() for part in literal_segments(route)}
    vietnamese = "|".join(sorted(segments & set(WORDS), key=len, reverse=True))
    spelled = re.compile(rf"/-/|/api/|(?<!/)/({vietnamese})(?![\w-])")
    found = []
    for path in sorted(PACKAGE.rglob("*")):
        where = path.relative_to(PACKAGE).as_posix()
        if path == Path(urls.__file__):
            continue
        found += [
            f"{where}: {literal.strip()[:80]}"
            for literal in literals_of(path, where)
            if spelled.search(literal) and literal not in EXCEPTIONS.get(where, set())
        ]
    assert found == []


def literals_of(path: Path, where: str) -> Iterator[str]:
    """Yield the string literals of a module, or the lines of a template or script."""
    if path.suffix == ".py":
        yield from python_literals(path.read_text("utf-8"))
    elif path.suffix == ".html" or (path.suffix == ".js" and where.startswith("web/static/")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for line in text.splitlines():
            if not line.lstrip().startswith(("//", "*", "/*")):
                yield line


def python_literals(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            if isinstance(node.value, str):
                yield node.value
            elif isinstance(node.value, bytes):
                yield node.value.decode("latin-1")


def literal_segments(route: str) -> list[str]:
    """Return the fixed segments of a route, without the ending of a file."""
    segments = [part.partition(".")[0] for part in route.split("/")]
    return [part for part in segments if part and part != "-" and "{" not in part]


def test_templates_join_no_addresses() -> None:
    joined = re.compile(r"\b(?:href|src|action|hx-post|data-(?!key)[\w-]+)=\"[^\"]*\}\}/")
    templates = (PACKAGE / "web" / "templates").rglob("*.html")
    lines = [line for path in templates for line in path.read_text("utf-8").splitlines()]
    assert [line for line in lines if joined.search(line)] == []


def test_the_scripts_of_published_pages_spell_the_addresses_of_urls() -> None:
    inline = PACKAGE / "site" / "inline"
    spelled = {
        path.name: set(
            re.findall(r"['\"](/-/[\w.-]+(?:/[\w.-]+)*)/?['\"]", path.read_text("utf-8"))
        )
        for path in inline.glob("*.js")
    }
    assert {name: addresses for name, addresses in spelled.items() if addresses} == {
        "remote-channel.js": {urls.REMOTE_PAIRINGS},
        "deck-remote.js": {urls.REMOTE_PAIRINGS},
        "reader.js": {urls.BEACONS},
        "deck-share.js": {urls.BEACONS, urls.BOX_NETWORK},
        "box.js": {urls.BOX_NETWORK},
    }


def test_every_route_is_one_of_urls_and_every_url_is_served(services: Services) -> None:
    served = {path_of(route) for route in iterate_routes(create_fastapi_app(services))}
    assert served <= set(ROUTES.values())
    served |= {path_of(route) for route in box.router.routes}
    expected = {name for name, route in ROUTES.items() if route not in served}
    assert expected == PUBLISHED | OUTSIDE_THE_APP
    assert {ROUTES[name] for name in BOX_ONLY} <= {path_of(each) for each in box.router.routes}


def path_of(route: BaseRoute) -> str:
    return str(getattr(route, "path", ""))


def test_a_word_without_marks_means_one_thing() -> None:
    by_word = defaultdict(set)
    for name, route in ROUTES.items():
        for word in literal_segments(route)[-1:]:
            by_word[word].add(name)
    assert set(by_word) - set(WORDS) == ENGLISH
    assert {word: by_word[word] for word in WORDS} == {
        word: names for word, (_meaning, names) in WORDS.items()
    }


def sample(template: urls.Route) -> str:
    return template.fill(**dict.fromkeys(template.parameters, "1"))


def endpoints(services: Services, method: str, path: str) -> list[str]:
    """Return the templates of the routes that answer a request."""
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    routes = iterate_routes(create_fastapi_app(services))
    return [path_of(route) for route in routes if route.matches(scope)[0] is Match.FULL]


@pytest.mark.parametrize(("former", "route"), urls.FORMER_ACTIONS.items())
def test_a_former_action_reaches_the_route_of_today(
    services: Services, former: urls.Route, route: urls.Route
) -> None:
    path = sample(former)
    assert find_present_url(path, urls.FORMER_ACTIONS) == sample(route)
    methods = {
        method
        for each in iterate_routes(create_fastapi_app(services))
        if path_of(each) == route
        for method in getattr(each, "methods", None) or ()
    } - {"GET"}
    assert methods
    for method in methods:
        assert endpoints(services, method, sample(route))[0] == route
        assert endpoints(services, method, path) == []


@pytest.mark.parametrize(("former", "route"), urls.FORMER_PAGES.items())
def test_a_former_page_leads_to_the_page_of_today(
    services: Services, former: urls.Route, route: urls.Route
) -> None:
    assert find_present_url(sample(former), urls.FORMER_PAGES) == sample(route)
    assert endpoints(services, "GET", sample(route))[0] == route


def test_no_former_address_hides_an_address_of_today(services: Services) -> None:
    for route in iterate_routes(create_fastapi_app(services)):
        path, methods = sample(urls.Route(path_of(route))), getattr(route, "methods", None) or ()
        if "GET" in methods:
            assert find_present_url(path, urls.FORMER_PAGES) is None, path
        if set(methods) - {"GET"}:
            assert find_present_url(path, urls.FORMER_ACTIONS) is None, path


def test_a_page_opened_before_the_update_still_saves(services: Services) -> None:
    author = client_with_role(services, Role.AUTHOR, app=create_app(services))
    page = "/-/soan/bai/bai-1/vi"
    changes = [{"part": "mo", "path": "show", "value": "Câu gõ trên trang cũ."}]
    body = {"seen": 0, "page": "a", "changes": changes}
    assert author.post(f"{page}/luu", json=body, headers=JSON).json()["number"] == 1
    assert "Câu gõ trên trang cũ." in author.get(page).text
    comment = {"step": "mo", "text": "Rõ rồi."}
    assert author.post(f"{page}/nhan-xet", data=comment).status_code == 303
    meta = {"upload-length": "4", "upload-metadata": "filename YQ==,slug YmFpLTE="}
    tus = {"tus-resumable": "1.0.0"}
    upload = author.post("/-/soan/tai-len", headers=meta | tus).headers["location"]
    former = upload.replace("/uploads/", "/tai-len/")
    assert author.head(former, headers=tus).headers["upload-offset"] == "0"
    assert author.delete(former, headers=tus).status_code == 204
    assert author.post("/-/ra").headers["location"] == "/-/vao"
    assert author.get(page, headers={"accept": "text/html"}).status_code == 303


def test_a_bookmark_of_a_former_page_is_redirected(services: Services) -> None:
    author = client_with_role(services, Role.AUTHOR, app=create_app(services))
    assert_redirects(author, "/-/soan/moi", "/-/soan/bai-moi")
    assert_redirects(author, "/-/soan/bai/bai-1/vi/bang?a=1", "/-/soan/bai/bai-1/vi/bang-chu?a=1")
    assert_redirects(author, "/-/soan/bai/a%20b/vi/goi.zip", "/-/soan/bai/a%20b/vi/lesson.zip")


def assert_redirects(client: TestClient, former: str, address: str) -> None:
    answer = client.get(former)
    assert (answer.status_code, answer.headers["location"]) == (308, address)
    assert answer.headers["cache-control"] == "no-store"
