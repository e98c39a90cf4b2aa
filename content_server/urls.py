"""The addresses of every page and route: no other module spells one.

What people read aloud or type is Vietnamese without marks (`/-/soan`, `/7`). What only a form or a
script sends to is English, because a Vietnamese word without marks may stand for several words.
"""

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote, urlencode

NOT_GIVEN = (None, "")
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


class Route(str):
    """An address as a template with named parameters, such as "/-/tim/{folder}".

    A parameter is one segment of the path, or part of one; `{name:path}` may contain slashes.
    """

    __slots__ = ()

    @property
    def parameters(self) -> frozenset[str]:
        return _parameters_of(self)

    @property
    def prefix(self) -> str:
        """Return the segments before the first parameter: "/-/tim" of "/-/tim/{folder}"."""
        return self.partition("{")[0].rpartition("/")[0] if "{" in self else str(self)

    def url(
        self, *, query: Mapping[str, object] | None = None, fragment: str = "", **parameters: object
    ) -> str:
        """Return the address with its parameters percent-encoded.

        Entries of `query` that are None or "" are left out. Raises KeyError for a parameter that is
        missing, or that the template does not have.
        """
        if parameters.keys() != self.parameters:
            raise KeyError(f"{self} takes {sorted(self.parameters)}, not {sorted(parameters)}")
        path = _fill(self, parameters)
        given = {key: value for key, value in (query or {}).items() if value not in NOT_GIVEN}
        question = f"?{urlencode(given, safe='/', quote_via=quote)}" if given else ""
        return path + question + (f"#{quote(fragment)}" if fragment else "")

    def fill(self, **parameters: object) -> "Route":
        """Return the template with some parameters filled in; a script fills in the others.

        Raises KeyError for a parameter that the template does not have.
        """
        if not parameters.keys() <= self.parameters:
            raise KeyError(f"{self} takes {sorted(self.parameters)}, not {sorted(parameters)}")
        return Route(_fill(self, parameters))

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parameters in a path, if it is one of this template; `path` is decoded."""
        found = _pattern_of(self).fullmatch(path)
        return found.groupdict() if found else None


def _fill(template: str, parameters: Mapping[str, object]) -> str:
    def encode(parameter: re.Match[str]) -> str:
        name, may_have_slashes = parameter.groups()
        if name not in parameters:
            return parameter[0]
        return quote(str(parameters[name]), safe="/" if may_have_slashes else "")

    return _PARAMETER.sub(encode, template)


@cache
def _parameters_of(template: str) -> frozenset[str]:
    return frozenset(name for name, _path in _PARAMETER.findall(template))


@cache
def _pattern_of(template: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(template)  # literal, name, ":path" or None, literal, …
    pattern = re.escape(parts[0])
    for name, may_have_slashes, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.+' if may_have_slashes else '[^/]+'}){re.escape(literal)}"
    return re.compile(pattern)


APP_PREFIX, API_PREFIX = "/-/", "/api/"
RESERVED_PREFIXES = (API_PREFIX, APP_PREFIX)  # answered by the app; no published page is below them

# Published pages and files: answered from the tree, by the server, a box, nginx or a USB stick.
START_PAGE = Route("/")
LESSON_LIST = Route("/{folder}")
LESSON_PAGE = Route("/{folder}/{slug}")
SHORT_LESSON = Route("/{number}")  # of a lesson in Vietnamese: short enough to read aloud
SHORT_TRANSLATION = Route("/{number}-{folder}")
DECK = Route("/{folder}/{slug}/chieu")  # slides
NOTES = Route("/{folder}/{slug}/ghi-chu")  # of the trainer
SEARCH_PAGE = Route("/{folder}/tim")
HOUSEHOLD_SHEET = Route("/{folder}/nha")
SESSION_PLAN = Route("/{folder}/buoi")
ANSWER_CARDS = Route("/{folder}/the-abcd")
PODCAST = Route("/{folder}/loa.xml")
SITEMAP = Route("/sitemap.xml")
ROBOTS = Route("/robots.txt")
NOT_FOUND_PAGE = Route("/404")
SERVER_ERROR_PAGE = Route("/500")
MEDIA_FILE = Route("/m/{name}")
MEDIA_PREFIX = MEDIA_FILE.url(name="")

# Search of the published lessons.
SEARCH = Route("/-/tim/{folder}")

# Downloads: packs of a lesson, USB packs, the course pack for village boxes.
COURSE_DOWNLOADS = Route("/-/goi")
USB_PACK = Route("/-/goi/usb.zip")
COURSE_PACK = Route("/-/goi/khoa-hoc.tar")
LESSON_DOWNLOADS = Route("/-/goi/{folder}/{slug}")
LESSON_PACK = Route("/-/goi/{kind}/{folder}/{slug}")

# Remote control of slides, on the server and on a box; inline/remote-channel.js spells the first.
REMOTE_PAIRINGS = Route("/-/dieu-khien")
REMOTE_CONTROL = Route("/-/dieu-khien/{code}")
REMOTE_MESSAGES = Route("/-/dieu-khien/{code}/noi")
REMOTE_NEWS = Route("/-/dieu-khien/{code}/nghe")

# Beacons of published pages; inline/reader.js and inline/deck-share.js spell it.
BEACONS = Route("/-/dem")

# The village box; inline/box.js and inline/deck-share.js spell the second.
BOX_START = Route("/-/hop")
BOX_NETWORK = Route("/-/hop/mang.json")

# The public API, its description and its documentation.
API_LANGUAGES = Route("/api/v1/languages")
API_LESSONS = Route("/api/v1/lessons")
API_LESSON = Route("/api/v1/lessons/{slug}/{folder}")
OPENAPI = Route("/-/openapi.json")
API_DOCS = Route("/-/docs")

# Styles and scripts of the editors' pages.
ASSET = Route("/-/tinh/{version}/{name:path}")

# Signing in and out, invitations, the language of the editors' pages.
SIGN_IN = Route("/-/vao")
SIGN_IN_TOTP = Route("/-/vao/ma")
ACCEPT_INVITATION = Route("/-/vao/moi/{token}")
SIGN_OUT = Route("/-/sign-out")
CHOOSE_LANGUAGE = Route("/-/language")

# One's own account.
OWN_ACCOUNT = Route("/-/toi")
OWN_NAME = Route("/-/toi/name")
OWN_SESSION_END = Route("/-/toi/sessions/end")
OWN_OTHER_SESSIONS_END = Route("/-/toi/sessions/end-others")
OWN_PASSPHRASE = Route("/-/toi/passphrase")
OWN_TOTP_SETUP = Route("/-/toi/ma-hai")  # the page and its form
OWN_TOTP_DISABLE = Route("/-/toi/totp/disable")
OWN_DATA = Route("/-/toi/du-lieu.json")
OWN_ACCOUNT_DELETE = Route("/-/toi/delete")

# Admins: accounts, invitations, the audit log.
ACCOUNTS = Route("/-/soan/nguoi")
INVITATION_FORM = Route("/-/soan/nguoi/moi")
INVITATIONS = Route("/-/soan/invitations")
INVITATION_REVOKE = Route("/-/soan/invitations/revoke")
ACCOUNT = Route("/-/soan/nguoi/{person_id}")
ACCOUNT_GRANTS = Route("/-/soan/nguoi/{person_id}/grants")
ACCOUNT_GRANT_REVOKE = Route("/-/soan/nguoi/{person_id}/grants/revoke")
ACCOUNT_DISABLE = Route("/-/soan/nguoi/{person_id}/disable")
ACCOUNT_ENABLE = Route("/-/soan/nguoi/{person_id}/enable")
ACCOUNT_SESSION_END = Route("/-/soan/nguoi/{person_id}/sessions/end")
ACCOUNT_REINVITE = Route("/-/soan/nguoi/{person_id}/reinvite")
AUDIT_LOG = Route("/-/soan/nhat-ky")

# Admins: the registries. A form is sent to the address of its list.
REGISTRIES = Route("/-/soan/danh-sach")
REGISTRY = Route("/-/soan/danh-sach/{name}")
REGISTRY_NEW_ENTRY = Route("/-/soan/danh-sach/{name}/_muc-moi")  # no key begins with "_"
REGISTRY_ENTRY = Route("/-/soan/danh-sach/{name}/{key:path}")
REGISTRY_ENTRY_REMOVE = Route("/-/soan/danh-sach/{name}/remove")

# Editors: the list of lessons, new lessons, consents, review dates.
EDITORS_HOME = Route("/-/soan")
NEW_LESSON = Route("/-/soan/bai-moi")  # the page and its form
IMPORT_PAGE = Route("/-/soan/nhan-bai")
LESSON_IMPORT = Route("/-/soan/lessons/import")
CONSENTS_PAGE = Route("/-/soan/dong-y")
CONSENTS = Route("/-/soan/consents")
CONSENT_TAKE_DOWN = Route("/-/soan/consents/{consent}/take-down")
REVIEW_DATES = Route("/-/soan/den-han")
LESSON_REVIEW_DATE = Route("/-/soan/bai/{slug}/review-date")

# Editors: one lesson in one language. Writing.
EDITION = Route("/-/soan/bai/{slug}/{folder}")
EDITION_SAVE = Route("/-/soan/bai/{slug}/{folder}/save")
EDITION_STEPS = Route("/-/soan/bai/{slug}/{folder}/steps")
EDITION_PREVIEW = Route("/-/soan/bai/{slug}/{folder}/xem")
EDITION_COST = Route("/-/soan/bai/{slug}/{folder}/gia")
EDITION_COMPOSER = Route("/-/soan/bai/{slug}/{folder}/man-hinh/{step}")
EDITION_SCREEN = Route("/-/soan/bai/{slug}/{folder}/screens/{step}")
EDITION_SCENE = Route("/-/soan/bai/{slug}/{folder}/scenes/{step}")
EDITION_KNOWN_SCREENS = Route("/-/soan/bai/{slug}/{folder}/co-san")
DRAW_SCREEN = Route("/-/soan/draw")
DRAFT_MEDIA = Route("/-/soan/tep/{name}")
SLOW_DRAFT_MEDIA = Route("/-/soan/cham/{kbps}/{name}")

# Editors: voices, photos and clips. Clips are uploaded by the tus protocol.
EDITION_RECORDER = Route("/-/soan/bai/{slug}/{folder}/thu")
EDITION_TAKES = Route("/-/soan/bai/{slug}/{folder}/takes")
EDITION_PHOTOS_PAGE = Route("/-/soan/bai/{slug}/{folder}/anh")
EDITION_CLIPS_PAGE = Route("/-/soan/bai/{slug}/{folder}/phim")
EDITION_DOWNSCALE_PHOTOS = Route("/-/soan/bai/{slug}/{folder}/downscale-photos")
PHOTO_UPLOAD = Route("/-/soan/bai/{slug}/photos/{digest}")
PHOTO = Route("/-/soan/bai/{slug}/photos/{photo}")
PHOTO_ORIGINAL = Route("/-/soan/bai/{slug}/photos/{photo}/original")
MEDIA_UPLOAD = Route("/-/soan/media/{digest}")
CLIPS_PAGE = Route("/-/soan/tai-len")
CLIP_STATES = Route("/-/soan/tai-len/trang-thai")
CLIP_EVENTS = Route("/-/soan/tai-len/su-kien")
CLIP_UPLOADS = Route("/-/soan/uploads")
CLIP_UPLOAD = Route("/-/soan/uploads/{upload_id}")

# Editors: review.
EDITION_REVIEW = Route("/-/soan/bai/{slug}/{folder}/duyet")
EDITION_SUBMIT = Route("/-/soan/bai/{slug}/{folder}/submit")
EDITION_RETURN = Route("/-/soan/bai/{slug}/{folder}/return")
EDITION_APPROVE = Route("/-/soan/bai/{slug}/{folder}/approve")
EDITION_PUBLISH = Route("/-/soan/bai/{slug}/{folder}/publish")
EDITION_PUBLISHING = Route("/-/soan/bai/{slug}/{folder}/dang-len/{job}")
EDITION_WITHDRAW = Route("/-/soan/bai/{slug}/{folder}/withdraw")
EDITION_COMMENTS = Route("/-/soan/bai/{slug}/{folder}/comments")
EDITION_SPOKEN_COMMENT_PAGE = Route("/-/soan/bai/{slug}/{folder}/noi")
EDITION_SPOKEN_COMMENTS = Route("/-/soan/bai/{slug}/{folder}/spoken-comments")
EDITION_BACK_TRANSLATION_PAGE = Route("/-/soan/bai/{slug}/{folder}/noi-lai")
EDITION_BACK_TRANSLATIONS = Route("/-/soan/bai/{slug}/{folder}/back-translations")
EDITION_HISTORY = Route("/-/soan/bai/{slug}/{folder}/lich-su")
EDITION_ROLL_BACK = Route("/-/soan/bai/{slug}/{folder}/roll-back")
EDITION_SNAPSHOTS = Route("/-/soan/bai/{slug}/{folder}/snapshots")
EDITION_CONFLICTS_PAGE = Route("/-/soan/bai/{slug}/{folder}/khac")
EDITION_CONFLICTS = Route("/-/soan/bai/{slug}/{folder}/conflicts")

# Editors: sharing a lesson, its text and its draft.
EDITION_ARCHIVE = Route("/-/soan/bai/{slug}/{folder}/lesson.zip")
EDITION_TEXT_TABLE = Route("/-/soan/bai/{slug}/{folder}/bang-chu")  # the page and its form
EDITION_TEXT_TABLE_FILE = Route("/-/soan/bai/{slug}/{folder}/text-table.{kind}")
EDITION_SHARE_LINKS_PAGE = Route("/-/soan/bai/{slug}/{folder}/cho-xem")
EDITION_SHARE_LINKS = Route("/-/soan/bai/{slug}/{folder}/share-links")
EDITION_SHARE_LINK_REVOKE = Route("/-/soan/bai/{slug}/{folder}/share-links/revoke")
SHARED_PREVIEW = Route("/-/xem/{token}")
SHARED_MEDIA = Route("/-/xem/{token}/{name}")

# Trainers: village links and their posters, the board of counts.
TRAINERS_HOME = Route("/-/tap-huan")
VILLAGE_LINKS = Route("/-/tap-huan/ban")  # the list, and the form for a new one
VILLAGE_LINK = Route("/-/tap-huan/ban/{code}")
VILLAGE_POSTER = Route("/-/tap-huan/ban/{code}/to")
VILLAGE_LINK_CLOSE = Route("/-/tap-huan/ban/{code}/close")
BOARD = Route("/-/tap-huan/bang")
BOARD_CSV = Route("/-/tap-huan/bang.csv")

# Addresses of 0.1, served until 0.4 for pages opened and recordings queued before the update.
# To be removed in 0.4, with FormerAddresses of web/middleware.py.
FORMER_PAGES: Mapping[Route, Route] = {  # GET: redirected
    Route("/-/soan/moi"): NEW_LESSON,
    Route("/-/soan/goi"): IMPORT_PAGE,
    Route("/-/soan/bai/{slug}/{folder}/goi.zip"): EDITION_ARCHIVE,
    Route("/-/soan/bai/{slug}/{folder}/bang"): EDITION_TEXT_TABLE,
    Route("/-/soan/bai/{slug}/{folder}/bang.{kind}"): EDITION_TEXT_TABLE_FILE,
    Route("/-/soan/bai/{slug}/vi/anh/{photo}/goc"): PHOTO_ORIGINAL,
    Route("/-/soan/danh-sach/{name}/_moi"): REGISTRY_NEW_ENTRY,
}
FORMER_ACTIONS: Mapping[Route, Route] = {  # every other method: served as if sent to the new one
    Route("/-/ra"): SIGN_OUT,
    Route("/-/tieng"): CHOOSE_LANGUAGE,
    Route("/-/toi/ten"): OWN_NAME,
    Route("/-/toi/may"): OWN_SESSION_END,
    Route("/-/toi/moi-may"): OWN_OTHER_SESSIONS_END,
    Route("/-/toi/mat-khau"): OWN_PASSPHRASE,
    Route("/-/toi/bo-ma-hai"): OWN_TOTP_DISABLE,
    Route("/-/toi/xoa"): OWN_ACCOUNT_DELETE,
    Route("/-/soan/nguoi/moi"): INVITATIONS,
    Route("/-/soan/nguoi/moi/huy"): INVITATION_REVOKE,
    Route("/-/soan/nguoi/{person_id}/viec"): ACCOUNT_GRANTS,
    Route("/-/soan/nguoi/{person_id}/bo-viec"): ACCOUNT_GRANT_REVOKE,
    Route("/-/soan/nguoi/{person_id}/khoa"): ACCOUNT_DISABLE,
    Route("/-/soan/nguoi/{person_id}/mo"): ACCOUNT_ENABLE,
    Route("/-/soan/nguoi/{person_id}/may"): ACCOUNT_SESSION_END,
    Route("/-/soan/nguoi/{person_id}/moi-lai"): ACCOUNT_REINVITE,
    Route("/-/soan/danh-sach/{name}/bo"): REGISTRY_ENTRY_REMOVE,
    Route("/-/soan/moi"): NEW_LESSON,
    Route("/-/soan/goi"): LESSON_IMPORT,
    Route("/-/soan/dong-y"): CONSENTS,
    Route("/-/soan/dong-y/{consent}/go-xuong"): CONSENT_TAKE_DOWN,
    Route("/-/soan/bai/{slug}/hen-xem"): LESSON_REVIEW_DATE,
    Route("/-/soan/bai/{slug}/{folder}/luu"): EDITION_SAVE,
    Route("/-/soan/bai/{slug}/{folder}/buoc"): EDITION_STEPS,
    Route("/-/soan/bai/{slug}/{folder}/man-hinh/{step}"): EDITION_SCREEN,
    Route("/-/soan/bai/{slug}/{folder}/canh/{step}"): EDITION_SCENE,
    Route("/-/soan/ve"): DRAW_SCREEN,
    Route("/-/soan/bai/{slug}/{folder}/thu"): EDITION_TAKES,
    Route("/-/soan/bai/{slug}/{folder}/nhe-bot"): EDITION_DOWNSCALE_PHOTOS,
    Route("/-/soan/bai/{slug}/vi/anh/{photo}"): PHOTO,
    Route("/-/soan/tai-len"): CLIP_UPLOADS,
    Route("/-/soan/tai-len/{upload_id}"): CLIP_UPLOAD,
    Route("/-/soan/bai/{slug}/{folder}/gui"): EDITION_SUBMIT,
    Route("/-/soan/bai/{slug}/{folder}/tra-lai"): EDITION_RETURN,
    Route("/-/soan/bai/{slug}/{folder}/dong-y"): EDITION_APPROVE,
    Route("/-/soan/bai/{slug}/{folder}/dua-len"): EDITION_PUBLISH,
    Route("/-/soan/bai/{slug}/{folder}/cat-di"): EDITION_WITHDRAW,
    Route("/-/soan/bai/{slug}/{folder}/nhan-xet"): EDITION_COMMENTS,
    Route("/-/soan/bai/{slug}/{folder}/noi"): EDITION_SPOKEN_COMMENTS,
    Route("/-/soan/bai/{slug}/{folder}/noi-lai"): EDITION_BACK_TRANSLATIONS,
    Route("/-/soan/bai/{slug}/{folder}/quay-lai"): EDITION_ROLL_BACK,
    Route("/-/soan/bai/{slug}/{folder}/giu"): EDITION_SNAPSHOTS,
    Route("/-/soan/bai/{slug}/{folder}/khac"): EDITION_CONFLICTS,
    Route("/-/soan/bai/{slug}/{folder}/bang"): EDITION_TEXT_TABLE,
    Route("/-/soan/bai/{slug}/{folder}/cho-xem"): EDITION_SHARE_LINKS,
    Route("/-/soan/bai/{slug}/{folder}/cho-xem/bo"): EDITION_SHARE_LINK_REVOKE,
    Route("/-/tap-huan/ban/{code}/dong"): VILLAGE_LINK_CLOSE,
}
