"""Spreadsheets: text tables written as XLSX or CSV, and read back as Excel saved them.

Files are treated as hostile: sizes are checked before anything is extracted, and no cell is ever
written or read as a formula.
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

from content_server.editorial.exchange.lesson_archive import zip_bomb_problems
from content_server.editorial.exchange.text_tables import MAX_ROWS, TextTable
from content_server.errors import BundleRejected, Problem
from content_server.phrases import Phrase, _

MAX_BYTES = 900_000  # of a file; a lesson's words are some tens of kB
MAX_UNPACKED_BYTES, MAX_ENTRIES = 20_000_000, 100
MAX_COLUMNS = 12
COLUMN_WIDTHS = {"A": 24, "B": 22, "C": 60, "D": 60, "E": 10}  # characters
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (ASVS 1.2.10)
ZIP_MAGIC = b"PK"
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, DefusedXmlException, ParseError,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


def xlsx_bytes(table: TextTable) -> bytes:
    """Return a workbook of one sheet with frozen heads, wide columns and text cells only."""
    book = Workbook()
    sheet = book.active
    if sheet is None:  # a new workbook has one
        raise TypeError
    for row in table.rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            _as_text(cell)
    for name, width in COLUMN_WIDTHS.items():
        sheet.column_dimensions[name].width = width
    sheet.freeze_panes = "C2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_text(cell: object) -> None:
    if not isinstance(cell, Cell):
        return
    if cell.value is not None:
        cell.data_type = "s"  # stores "=1+1" as text
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if cell.row == 1:
        cell.font = Font(bold=True)


def csv_bytes(table: TextTable) -> bytes:
    """Return a CSV that Excel opens as Vietnamese: UTF-8 with a BOM, formulas escaped."""
    out = io.StringIO()
    csv.writer(out).writerows([_escape_formula(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _escape_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def read_spreadsheet(data: bytes, name: str) -> TextTable:
    """Return the first table of a file, whatever its name. Raises BundleRejected."""
    display_name = PurePosixPath(name.replace("\\", "/")).name[-80:] or str(_("bảng"))
    if len(data) > MAX_BYTES:
        raise _rejection(display_name, _("Tệp nặng quá, tối đa {most} kB.", most=MAX_BYTES // 1000))
    rows = (
        _xlsx_rows(data, display_name)
        if data.startswith(ZIP_MAGIC)
        else _csv_rows(data, display_name)
    )
    if len(rows) > MAX_ROWS:
        raise _rejection(display_name, _("Bảng dài quá, tối đa {most} dòng.", most=MAX_ROWS))
    while rows and not any(rows[-1]):
        rows.pop()
    return TextTable(rows)


def _rejection(name: str, *phrases: Phrase) -> BundleRejected:
    return BundleRejected([Problem(name, 0, phrase) for phrase in phrases])


def _xlsx_rows(data: bytes, name: str) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        if problems := list(zip_bomb_problems(len(data), entries, MAX_UNPACKED_BYTES, MAX_ENTRIES)):
            raise _rejection(name, *problems)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in cells]
    except UNREADABLE as error:
        phrase = _("Tệp này không phải bảng Excel, hoặc đã hỏng. Lưu lại bằng Excel rồi gửi.")
        raise _rejection(name, phrase) from error


def _csv_rows(data: bytes, name: str) -> list[list[str]]:
    text = _decode(data)
    if "\0" in text:
        raise _rejection(name, _("Tệp này không phải bảng chữ. Gửi tệp .xlsx hoặc .csv."))
    try:
        return list(_rows(text))
    except csv.Error as error:
        phrase = _("Bảng CSV có chỗ không đọc được. Lưu lại bằng Excel rồi gửi.")
        raise _rejection(name, phrase) from error


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)  # Excel in Vietnamese writes semicolons
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator)):
        if number > MAX_ROWS:
            return
        yield [_unescape_formula(cell) for cell in row[:MAX_COLUMNS]]


def _unescape_formula(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _decode(data: bytes) -> str:
    for bom, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")  # what older Excel in Vietnamese writes
