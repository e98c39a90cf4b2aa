"""Services with data for every page of the editors, and a walk over all those pages.

The walk reads the route table: a page nobody thought of is walked too, or says what it lacks.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image
from sqlmodel import select
from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app, create_fastapi_app
from content_server.media.tables import Rendition
from content_server.reach.tables import VillageLinkRow
from content_server.services import Services
from content_server.settings import PROJECT_DIR
from content_server.site.tree.rendition_index import media_path
from content_server.web.permissions import Public, iterate_routes, permission_of
from tests.support.accounts import add_account, new_client, sign_in
from tests.support.editor_services import open_lesson_services
from tests.support.lesson_files import LESSON

JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
LESSON_PATHS = ("title", "why", "safety", "success", "warning", "teach_back", "sources.0.what")
STEP_PATHS = {
    "mo": ("show", "photo.alt"),
    "nham": ("if_wrong",),
    "tap": ("say", "practise.0.say", "practise.0.hint"),
    "hoi": ("ask", "answers.0.say", "answers.0.because"),
}
NEVER_PAGES = {
    "/-/goi/khoa-hoc.tar",  # a file, and none before there is a key
    "/-/soan/tai-len/su-kien",  # news for a minute, line by line
}
SIGNED_OUT = "/-/vao"  # who is signed in is led away from these


@dataclass(frozen=True)
class PageVisit:
    """One page to look at."""

    address: str
    signed_in: bool


@dataclass(frozen=True)
class PopulatedServices:
    """Services with accounts, lessons, drafts, comments and links; the admin is `chuchu`."""

    services: Services
    app: ASGIApp
    admin: TestClient
    path_values: dict[str, list[str]]

    def pages(self) -> Iterator[PageVisit]:
        """Yield every page: each GET route that answers with HTML."""
        stranger = new_client(self.app)
        for route in iterate_routes(create_fastapi_app(self.services)):
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
                continue
            if route.path in NEVER_PAGES or route.path.startswith("/api/"):
                continue
            open_to_all = isinstance(permission_of(route), Public)
            signed_in = not (open_to_all and route.path.startswith(SIGNED_OUT))
            for address in self._addresses(route.path):
                answer = (self.admin if signed_in else stranger).get(address, headers=HTML)
                assert answer.status_code in {200, 202}, (address, answer.status_code)
                if answer.text.lower().startswith("<!doctype html"):  # no file, no part of a page
                    yield PageVisit(address, signed_in)

    def _addresses(self, path: str) -> list[str]:
        """Return the addresses of a route: one for each thing that is there, by its parameter."""
        addresses = [path]
        for name in re.findall(r"\{(\w+)(?::\w+)?\}", path):
            own = f"{name} of {path}"  # what this route alone means by it
            values = self.path_values[
                own if own in self.path_values else name
            ]  # a new one is furnished below
            addresses = [
                re.sub(rf"\{{{name}(:\w+)?\}}", value, each)
                for each in addresses
                for value in values
            ]
        return addresses


def populate_services(folder: Path, words: list[str], lesson: str = LESSON) -> PopulatedServices:
    """Return services with `words` in every field a person may write, taken in order."""
    services = open_lesson_services(folder, 2, lesson)
    services = replace(
        services, settings=replace(services.settings, two_people=False)
    )  # one does it all
    add_account(services, "chuchu", Grant(Role.ADMIN), name="Lý A Chứ")
    second = add_account(services, "hai", Grant(Role.AUTHOR), name="Hai")
    app = create_app(services)
    admin = sign_in(new_client(app), "chuchu")
    writer = _Writer(admin, words)
    for slug in ("bai-1", "bai-2"):
        for language in ("vi", "hmn"):
            writer.write_lesson(f"/-/soan/bai/{slug}/{language}", language)
    writer.write_lists()
    link = writer.invite()
    photo = writer.upload_media()
    guest = writer.create_share_link("/-/soan/bai/bai-1/vi")
    shown = writer.republish_first_revision("/-/soan/bai/bai-2/vi")
    writer.write_conflict("/-/soan/bai/bai-1/vi")
    with services.database.read() as session:
        code = session.exec(select(VillageLinkRow)).one().code
    there = {
        "slug": ["bai-1"],
        "folder": ["vi"],
        **{
            f"folder of /-/soan/bai/{{slug}}/{{folder}}{page}": ["vi", "hmn"]
            for page in ("", "/duyet", "/thu", "/xem", "/noi-lai")  # these differ in a translation
        },
        "step": ["mo"],
        "name of /-/soan/danh-sach/{name}": ["units", "contacts", "topics", "languages"],
        "name of /-/soan/danh-sach/{name}/_muc-moi": ["units", "contacts", "topics", "languages"],
        "name of /-/soan/danh-sach/{name}/{key:path}": ["contacts"],
        "key": ["care"],
        "person_id": [str(second.id)],
        "token of /-/vao/moi/{token}": [link],
        "token": [guest],
        "photo": [photo],
        "digest": [writer.voice],
        "job": [shown],
        "code": [code],
        "kind": ["the-a5"],
        "kind of /-/soan/bai/{slug}/{folder}/text-table.{kind}": ["csv"],
        "kbps": ["400"],
        "version": ["x"],
        "name of /-/tinh/{version}/{name:path}": ["room.css"],
        "name": [writer.rendition(services)],
    }
    return PopulatedServices(services, app, admin, there)


class _Writer:
    """Types words into every field there is, as the admin."""

    def __init__(self, admin: TestClient, words: list[str]) -> None:
        self._admin = admin
        self._words = words
        self._next = 0
        self.voice = ""

    def next_words(self, most: int = 1_900) -> str:
        """Return the next words that fit into `most` characters, at least one of them."""
        taken: list[str] = []
        while len(taken) < len(self._words):
            word = self._words[self._next % len(self._words)][:most]
            if taken and sum(map(len, taken)) + len(taken) + len(word) > most:
                break
            taken.append(word)
            self._next += 1
            if most < 100:  # a name holds one
                break
        return " ".join(taken)

    def write_lesson(self, path: str, language: str) -> None:
        """Type into every field of a lesson, draw it a screen, talk about it, hand it in."""
        lesson = LESSON_PATHS if language == "vi" else LESSON_PATHS[:5]
        places = [("", each) for each in lesson]
        places += [(step, each) for step, paths in STEP_PATHS.items() for each in paths]
        if language != "vi":
            places = [place for place in places if "alt" not in place[1]]
        changes = [{"part": part, "path": p, "value": self.next_words()} for part, p in places]
        self._post(f"{path}/save", json={"seen": 99, "changes": changes})
        if language == "vi":
            label = self.next_words(48)
            screen = {"app": "bank", "widgets": [{"title": label}, {"button": {"label": label}}]}
            body = {"seen": 99, "where": "screen", "screen": screen, "tap": ""}
            self._post(f"{path}/screens/mo", json=body)
            self._post(f"{path}/steps", data={"do": "double", "step": "mo"})
            self._post(f"{path}/steps", data={"do": "remove", "step": "mo-1"})
        for kind in ("comment", "back_translation"):
            remark = {"step": "mo", "kind": kind, "text": self.next_words(900)}
            self._post(f"{path}/comments", data=remark)

    def write_conflict(self, path: str) -> None:
        for page in ("a", "b"):
            change = {"part": "nham", "path": "if_wrong", "value": f"{page} {self.next_words()}"}
            self._post(f"{path}/save", json={"seen": 0, "page": page, "changes": [change]})

    def write_lists(self) -> None:
        """Put words into every list, own names, links and consents; a list may refuse them."""
        lists = "/-/soan/danh-sach"
        village = {
            "key": "lai-chau/muong-kim/ban",
            "name": self.next_words(60),
            "aliases": self.next_words(60),
        }
        self._admin.post(f"{lists}/units", data=village)
        self._admin.post(f"{lists}/topics", data={"key": "khac", "name": self.next_words(60)})
        language = {
            "key": "la",
            "tag": "la",
            "name_vi": self.next_words(60),
            "endonym": self.next_words(60),
        }
        self._admin.post(f"{lists}/languages", data=language)
        number = {"key": "so", "tel": "19001234", "cost": "free", "verified_on": "2026-11-23"}
        number |= {key: self.next_words(60) for key in ("name", "hours", "source", "verified_by")}
        self._admin.post(f"{lists}/contacts", data=number)
        self._admin.post("/-/toi/name", data={"name": self.next_words(80)})
        link = {
            "name": self.next_words(60),
            "unit": self.next_words(60),
            "kind": "village",
            "code": "",
        }
        answer = self._admin.post("/-/tap-huan/ban", data=link)
        if answer.status_code != 303:  # refused: then one with plain words
            link |= {"name": "Nà Phát", "unit": "Mường Kim"}
            assert self._admin.post("/-/tap-huan/ban", data=link).status_code == 303

    def invite(self) -> str:
        """Invite somebody, and return the token of the link."""
        form = {"name": self.next_words(80), "role": "trainer"}
        page = self._admin.post("/-/soan/invitations", data=form).text
        found = re.search(r"/-/vao/moi/([\w-]+)", page)
        assert found, form
        return found[1]

    def upload_media(self) -> str:
        """Upload a photo, a voice with its consent, and begin a clip; return the photo."""
        picture = BytesIO()
        Image.new("RGB", (300, 400), "white").save(picture, "PNG")
        photo = self._put("/-/soan/bai/bai-1/photos/{}", picture.getvalue(), "image")
        sound = (PROJECT_DIR / "media/tra-tien-dien/vi/chon-dien.opus").read_bytes()
        self.voice = sha256(sound).hexdigest()
        self._put("/-/soan/media/{}", sound, "voice")
        take = {"part": "mo", "digest": self.voice, "stamp": "000000", "agreed": True}
        self._post("/-/soan/bai/bai-1/vi/takes", json=take | {"who": self.next_words(200)})
        consent = {"digest": self.voice, "who": self.next_words(200), "scope": self.next_words(400)}
        self._post("/-/soan/consents", data=consent | {"given_on": "2026-11-24"})
        name = b64encode(self.next_words(200).encode()).decode()
        headers = {"tus-resumable": "1.0.0", "upload-length": "900"}
        headers["upload-metadata"] = f"filename {name},slug YmFpLTE="  # bai-1
        self._post("/-/soan/uploads", headers=headers)
        return str(photo["id"])

    def create_share_link(self, path: str) -> str:
        """Make a share link to a draft; return its token."""
        page = self._post(f"{path}/share-links", data={"recipient": self.next_words(200)}).text
        found = re.search(r"/-/xem/([\w-]+)", page)
        assert found
        return found[1]

    def republish_first_revision(self, path: str) -> str:
        """Publish an older revision again; return the job's number."""
        answer = self._post(f"{path}/roll-back", data={"number": "1"})
        return str(answer.headers["location"]).rpartition("/")[2]

    def rendition(self, services: Services) -> str:
        """Make everything handed in, and return the name of a file an editor hears."""
        assert not services.worker.run_until_idle().failed
        with services.database.read() as session:
            made = session.exec(select(Rendition).where(Rendition.source_digest == self.voice))
            row = made.first()
        assert row
        return media_path(row.digest, row.content_type).rpartition("/")[2]

    def _put(self, where: str, data: bytes, medium: str) -> Any:  # noqa: ANN401  # JSON
        address = where.format(sha256(data).hexdigest())
        sent = {"medium": medium, "name": self.next_words(200)}
        answer = self._admin.put(address, content=data, params=sent, headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _post(self, where: str, **more: Any) -> Response:  # noqa: ANN401  # httpx's own
        answer: Response = self._admin.post(where, **more)
        assert answer.status_code in {200, 201, 303}, (where, answer.text)
        return answer
