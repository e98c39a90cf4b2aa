"""Words that want to be markup or script: hundreds, everywhere a person may type, on every page."""

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.promises.populated_services import PopulatedServices, populate_services
from tests.support.browser import sign_in_on_page
from tests.support.lesson_files import LESSON
from tests.support.servers import run_uvicorn

pytestmark = pytest.mark.browser
RUN = "window.PWN=1"
TAGS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<a href=javascript:{RUN}>a</a>",
    f"<math><mi xlink:href=javascript:{RUN}>",
    f"<body onload={RUN}>",
    f"<style>@import 'javascript:{RUN}'</style>",
    f"<form action=javascript:{RUN}><button autofocus>",
    f"<base href=javascript:{RUN}//>",
    f"<object data=javascript:{RUN}>",
    f"<meta http-equiv=refresh content='0;javascript:{RUN}'>",
    f"<video><source onerror={RUN}>",
    f"<template><script>{RUN}</script></template>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
)
WAYS_OUT = (  # of where a word may stand: text, attribute, script, JSON, style, title, comment
    "", '">', "'>", "`>", "</script>", "</textarea>", "</title>", "</style>", "-->", "]]>",
    '"}</script>', "\\u003c/script>", "&quot;>", "%22%3E", "</select></option>", "*/",
)  # fmt: skip
ATTRIBUTES = tuple(
    f"{quote} {event}={quote}{RUN}{quote} x={quote}"
    for quote, event in product(('"', "'", "`"), ("onfocus", "onmouseover", "onload", "onerror"))
)
CODE = (
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"\u0001javascript:{RUN}", f"java\tscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>", f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}", f"{{% {RUN} %}}", "{{7*7}}", f"';{RUN}//", f'";{RUN}//', f"\\';{RUN}//",
    f"expression({RUN})", f"//{RUN}\u2028{RUN}", f"</script\u0000><script>{RUN}</script>",
    f"\ufeff<script>{RUN}</script>", f"＜script＞{RUN}＜/script＞", f"<\u200bscript>{RUN}</script>",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
)  # fmt: skip
WORDS = [way + tag for way, tag in product(WAYS_OUT, TAGS)] + [*ATTRIBUTES, *CODE]
NAMES = (f'a"><img src=x onerror={RUN}>.png', "../../etc/passwd", "a\u202egnp.exe", "\0.jpg", "nul")
A_SHORT_ONE = '"><img src=x onerror=PWN=1>'  # as long as a published sentence may be: 90

WATCH = """
window.broken = [];
addEventListener('securitypolicyviolation', (event) => broken.push(
  `${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
FOUND = """() => [
  ...(window.PWN === undefined ? [] : ['it ran']),
  ...window.broken,
  ...[...document.querySelectorAll('img[src="x"], [onerror], [onload], [onfocus], [ontoggle]')]
    .map(each => each.outerHTML.slice(0, 90)),
  ...[...document.querySelectorAll('[href^="javascript:" i], iframe[srcdoc]')]
    .map(each => each.outerHTML.slice(0, 90)),
]"""


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PopulatedServices]:
    populated = populate_services(
        tmp_path_factory.mktemp("hostile"), [*WORDS, *NAMES], hostile_lesson()
    )
    yield populated
    populated.services.database.close()


def hostile_lesson() -> str:
    """Return the small lesson with hostile words in every place villagers see."""
    lesson = LESSON
    for plain in ("Trả tiền điện", "Ngồi ở nhà cũng trả được.", "Bài này không mất tiền.",
                  "Xong khi thấy dấu tích.", "Ai hỏi mã OTP thì cúp máy.", "Bấm Thanh toán.",
                  "Bấm nhầm thì bấm Khác.", "Nút to ở trên.", "Cúp máy.", "Đọc mã.",
                  "Đừng đọc bác nhé.", "Ai gọi hỏi mã OTP thì làm gì?"):  # fmt: skip
        lesson = lesson.replace(plain, f"'{A_SHORT_ONE}'")
    return lesson.replace("label: Thanh toán", f"label: '{A_SHORT_ONE}'")


@pytest.fixture(scope="module")
def phones(chromium: Browser, populated: PopulatedServices) -> Iterator[dict[bool, Page]]:
    with run_uvicorn(populated.app) as address:
        phones = {each: chromium.new_page(base_url=address) for each in (False, True)}
        for phone in phones.values():
            phone.add_init_script(WATCH)
            phone.on("dialog", lambda dialog: dialog.dismiss())
        sign_in_on_page(phones[True], "chuchu", "/-/soan")
        yield phones
        for phone in phones.values():
            phone.close()


def test_hostile_words_stay_words_on_every_page(
    populated: PopulatedServices, phones: dict[bool, Page]
) -> None:
    assert len(WORDS) > 300
    wrong: list[str] = []
    addresses = [(visit.address, visit.signed_in) for visit in populated.pages()]
    with populated.services.database.read() as session:
        shown = [entry.path for entry in populated.services.tree.entries(session)]
    addresses += [
        (path, False) for path in shown if "." not in path and path not in {"/404", "/500"}
    ]
    for address, signed_in in addresses:
        wrong += [f"{address}: {each}" for each in list_script_runs(phones[signed_in], address)]
    assert not wrong, "\n".join(wrong)


def list_script_runs(page: Page, address: str) -> list[str]:
    """Open a page and everything on it that opens; return what ran or was stopped from running."""
    said: list[str] = []

    def hear(error: Error) -> None:
        said.append(str(error))

    page.on("pageerror", hear)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    if "/bai/" in address:  # these fetch more: a preview, screens of others, what it costs
        page.wait_for_load_state("networkidle")
    for frame in page.frames:
        said += frame.evaluate(FOUND)
    page.remove_listener("pageerror", hear)
    return said
