"""Words taken to Excel and back: a round trip loses nothing, a wrong table changes nothing."""

import csv
import io
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook, load_workbook

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.services import Services
from tests.support.accounts import add_account, new_client, sign_in
from tests.support.editor_services import open_draft_services

HMN = "/-/soan/bai/bai-1/hmn"
JSON = {"accept": "application/json"}
OWN = "Tiếng Mông"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_draft_services(tmp_path_factory.mktemp("words"))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def translator(services: Services) -> TestClient:
    add_account(services, "sung", Grant(Role.TRANSLATOR, "hmn"))
    return sign_in(new_client(create_app(services)), "sung")


def send(client: TestClient, data: bytes, name: str = "bang.xlsx", path: str = HMN) -> str:
    answer = client.post(f"{path}/bang-chu", files={"file": (name, data)})
    assert answer.status_code in {200, 422}, answer.text
    return answer.text


def rows_of(client: TestClient) -> list[list[str]]:
    data = client.get(f"{HMN}/text-table.csv").content
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def write_csv(rows: list[list[str]], separator: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode("utf-8")


def fill_cell(client: TestClient, key: str, text: str) -> list[list[str]]:
    return [[*r[:3], text, *r[4:]] if r[0] == key else r for r in rows_of(client)]


def test_words_go_to_excel_and_come_back(translator: TestClient) -> None:
    book = load_workbook(io.BytesIO(translator.get(f"{HMN}/text-table.xlsx").content))
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head[2:4] == ["Tiếng Việt", OWN]
    keys = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert keys["mo/show"][2].value == "Bấm Thanh toán."
    keys["mo/show"][3].value = "=Nias lub khawm."
    keys["tap/practise.0.hint"][3].value = "Lub loj saum toj."
    out = io.BytesIO()
    book.save(out)
    page = send(translator, out.getvalue())
    assert "Đã nhận 2 câu mới" in page
    back = {row[0]: row[3] for row in rows_of(translator)}
    assert back["tap/practise.0.hint"] == "Lub loj saum toj."
    assert back["mo/show"] == "'=Nias lub khawm."  # a spreadsheet runs nothing of it
    assert "Đã nhận 0 câu mới" in send(translator, write_csv(rows_of(translator)), "bang.csv")


def test_what_excel_here_writes_is_read(translator: TestClient) -> None:
    rows = fill_cell(translator, "nham/if_wrong", "Rov nias lwm tus.")
    assert "Đã nhận 1 câu mới" in send(translator, write_csv(rows, ";"), "bang.csv")
    rows = fill_cell(translator, "nham/if_wrong", "Rov nias.")
    text = write_csv(rows, "\t").decode().encode("utf-16")
    assert "Đã nhận 1 câu mới" in send(translator, text, "bang.txt")


def test_everything_wrong_is_said_at_once_and_nothing_is_taken(translator: TestClient) -> None:
    before = rows_of(translator)
    rows = fill_cell(translator, "mo/show", "dài " * 40)
    rows += [["khong/co", "", "", "x", ""], ["mo/show", "", "", "lần hai", ""]]
    rows[1][3] = "Câu tốt."
    page = send(translator, write_csv(rows), "bang.csv")
    assert "Câu dài 159 chữ cái" in page
    assert "khong/co" in page
    assert "Chưa nhận gì cả" in page
    assert rows_of(translator) == before


def test_a_table_older_than_the_draft_keeps_both(translator: TestClient) -> None:
    rows = fill_cell(translator, "hoi/ask", "Từ bảng cũ?")
    change = {"part": "hoi", "path": "ask", "value": "Gõ sau khi tải bảng?"}
    body = {"seen": 9_999, "changes": [change]}
    assert translator.post(f"{HMN}/save", json=body, headers=JSON).status_code == 200
    page = send(translator, write_csv(rows), "bang.csv")
    assert "Có chỗ hai người cùng sửa" in page
    assert "Từ bảng cũ?" in translator.get(f"{HMN}/khac").text


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 90_000_000)
    return out.getvalue()


def entities() -> bytes:
    """A workbook whose texts are a billion laughs."""
    good, out = io.BytesIO(), io.BytesIO()
    Workbook().save(good)
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            is_sheet = name.endswith("sheet1.xml")
            new.writestr(name, laughs.encode() if is_sheet else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"\x00\x01\x02" * 99, "mã,x\n".encode(), b"a" * 950_000, bomb(),
     entities(), b'"' * 5_000, ("mã #1;Tiếng Mông\n" + "x;y\n" * 900).encode(), b"\xff\xfe\x00"],
)  # fmt: skip
def test_a_hostile_table_costs_one_sentence(translator: TestClient, data: bytes) -> None:
    before = rows_of(translator)
    page = send(translator, data, "../../bang<b>.xlsx")
    assert "Chưa nhận gì cả" in page
    assert rows_of(translator) == before


def test_a_translator_takes_no_vietnamese_in(translator: TestClient) -> None:
    path = HMN.replace("/hmn", "/vi")
    data = translator.get(f"{path}/text-table.csv").content
    answer = translator.post(f"{path}/bang-chu", files={"file": ("a.csv", data)})
    assert answer.status_code == 403


def test_the_source_has_a_table_of_its_own(services: Services) -> None:
    add_account(services, "pao", Grant(Role.AUTHOR))
    author = sign_in(new_client(create_app(services)), "pao")
    path = HMN.replace("/hmn", "/vi")
    text = author.get(f"{path}/text-table.csv").content.decode("utf-8-sig")
    data = text.replace("Bấm Thanh toán.", "Bấm nút Thanh toán.").encode()
    assert "Đã nhận 1 câu mới" in send(author, data, "a.csv", path)
    assert "Bấm nút Thanh toán." in author.get(path).text
