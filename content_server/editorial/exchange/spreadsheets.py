"""Spreadsheets: a table as XLSX or CSV, and either read back from whatever Excel made of it.

What is read is hostile until shown otherwise: sizes are looked at before anything is unpacked, and
no cell is ever a formula.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from content_server.editorial.exchange.lesson_archive import bomb_problems
from content_server.editorial.exchange.text_tables import MOST_ROWS, Table
from content_server.errors import BundleRejected, Problem
from content_server.phrases import Phrase, _

MOST_BYTES = 900_000  # of a file; a lesson's words are some tens of kB
MOST_UNPACKED_BYTES, MOST_ENTRIES = 20_000_000, 100
MOST_COLUMNS = 12
WIDTHS = {"A": 24, "B": 22, "C": 60, "D": 60, "E": 10}  # characters
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (ASVS 1.2.10)
ZIP = b"PK"
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, DefusedXmlException, ParseError,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


def xlsx_bytes(table: Table) -> bytes:
    """Return a workbook of one sheet: heads that stay in sight, wide columns, texts only."""
    book = Workbook()
    sheet = book.active
    if sheet is None:  # a new workbook has one
        raise TypeError
    for row in table.rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            _as_text(cell)
    for name, width in WIDTHS.items():
        sheet.column_dimensions[name].width = width
    sheet.freeze_panes = "C2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_text(cell: object) -> None:
    if not isinstance(cell, Cell):
        return
    if cell.value is not None:
        cell.data_type = "s"  # "=1+1" is a text too
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if cell.row == 1:
        cell.font = Font(bold=True)


def csv_bytes(table: Table) -> bytes:
    """Return a CSV that Excel opens as Vietnamese: UTF-8 with its mark, no formula in it."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def read_spreadsheet(data: bytes, name: str) -> Table:
    """Return the first table of a file, whatever it is called. Raises BundleRejected."""
    shown = PurePosixPath(name.replace("\\", "/")).name[-80:] or str(_("bảng"))
    if len(data) > MOST_BYTES:
        raise _refused(shown, _("Tệp nặng quá, tối đa {most} kB.", most=MOST_BYTES // 1000))
    rows = _xlsx_rows(data, shown) if data.startswith(ZIP) else _csv_rows(data, shown)
    if len(rows) > MOST_ROWS:
        raise _refused(shown, _("Bảng dài quá, tối đa {most} dòng.", most=MOST_ROWS))
    while rows and not any(rows[-1]):
        rows.pop()
    return Table(rows)


def _refused(name: str, *phrases: Phrase) -> BundleRejected:
    return BundleRejected([Problem(name, 0, phrase) for phrase in phrases])


def _xlsx_rows(data: bytes, name: str) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        if wrong := list(bomb_problems(len(data), entries, MOST_UNPACKED_BYTES, MOST_ENTRIES)):
            raise _refused(name, *wrong)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in cells]
    except UNREADABLE as error:
        phrase = _("Tệp này không phải bảng Excel, hoặc đã hỏng. Lưu lại bằng Excel rồi gửi.")
        raise _refused(name, phrase) from error


def _csv_rows(data: bytes, name: str) -> list[list[str]]:
    text = _decoded(data)
    if "\0" in text:
        raise _refused(name, _("Tệp này không phải bảng chữ. Gửi tệp .xlsx hoặc .csv."))
    try:
        return list(_rows(text))
    except csv.Error as error:
        phrase = _("Bảng CSV có chỗ không đọc được. Lưu lại bằng Excel rồi gửi.")
        raise _refused(name, phrase) from error


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)  # Excel here writes semicolons
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator)):
        if number > MOST_ROWS:
            return
        yield [_unguarded(cell) for cell in row[:MOST_COLUMNS]]


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _decoded(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")  # what an old Excel here writes
