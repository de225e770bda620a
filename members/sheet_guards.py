"""Looks into a packed workbook before it is opened, so that a hostile or silly one cannot eat the memory."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

from members.sheet_problems import BrokenFile, StrayCell, TooManyRows, TooWide, UnknownKind, UnpacksTooLarge

MAX_UNPACKED = 400 * 1024 * 1024
# Rosters pack 5-15 times, a sheet of formatted empty rows some 40 times; deflate itself ends near 1,030.
MAX_RATIO = 150
RATIO_COUNTS_FROM = 20 * 1024 * 1024
# Calamine lays a sheet out as a full rectangle, 32 bytes a cell: one value in XFD1048576 would be 17 billion cells.
MAX_CELLS = 12_000_000
MAX_ROWS = 300_000
NARROW = 26
# A rectangle with fewer of its rows or columns in use was drawn by a cell or two that somebody left far away.
SPARSE = 0.1
CHUNK = 4 * 1024 * 1024

# One pattern for each way of writing: a literal start makes the scan three times as fast.
_TALL = (re.compile(rb'<row [^>]*?r="(\d{6,})"'), re.compile(rb'<\w+:row [^>]*?r="(\d{6,})"'))
_WIDE = (re.compile(rb'<c r="[A-Z]{2,3}\d'), re.compile(rb'<\w+:c r="[A-Z]{2,3}\d'))
_FULL_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d+)"[^>/]*>')
_ODS_ROW = re.compile(rb'number-rows-repeated="(\d{5,})"[^>]*>((?:(?!</table:table-row>).)*)', re.DOTALL)
_ODS_CELL = re.compile(rb'number-columns-repeated="\d{4,}"[^>]*?(?:/>\s*<table:table-cell [^>]*value-type|value-type)')


def check_package(file: IO[bytes]) -> str:
    """Kind of the packed workbook, "xlsx" or "ods"; raises the SheetProblem that keeps it from being opened."""
    try:
        with zipfile.ZipFile(file) as package:
            _check_sizes(package.infolist())
            kind = _kind(package)
            for name in package.namelist():
                _check_sheet(package, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise BrokenFile from error
    finally:
        file.seek(0)
    return kind


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise UnpacksTooLarge
    for entry in entries:
        if entry.file_size > RATIO_COUNTS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UnpacksTooLarge


def _kind(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "xl/workbook.xml" in names or any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return "xlsx"
    if "content.xml" in names and "opendocument.spreadsheet" in package.read("mimetype").decode("ascii", "ignore"):
        return "ods"
    raise UnknownKind


def _check_sheet(package: zipfile.ZipFile, name: str) -> None:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        _check_rectangle(package, name)
    elif name == "content.xml":
        _check_repeats(package.read(name))
    elif name == "xl/sharedStrings.xml":
        # Read through once: the directory's sizes are the sender's word, and reading proves them with the checksum.
        for _chunk in _chunks(package, name):
            pass


def _chunks(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The entry in pieces that end between two tags; never more than the size the directory promised."""
    rest = b""
    with package.open(name) as stream:
        while chunk := stream.read(CHUNK):
            chunk = rest + chunk
            cut = chunk.rfind(b">") + 1
            rest = chunk[cut:]
            if len(rest) > CHUNK:
                raise BrokenFile
            yield chunk[:cut]


def _check_rectangle(package: zipfile.ZipFile, name: str) -> None:
    """Cheap pass first: only a tall or wide sheet is measured cell by cell, and then only cells that hold something."""
    last_row, wide = 99_999, False
    for chunk in _chunks(package, name):
        prefixed = b":row " in chunk
        last_row = max(last_row, max(map(int, _TALL[prefixed].findall(chunk)), default=0))
        wide = wide or _WIDE[prefixed].search(chunk) is not None
    if not wide and last_row * NARROW <= MAX_CELLS:
        return
    _check_cells(ref for chunk in _chunks(package, name) for ref in _FULL_CELL.findall(chunk))


def _check_cells(refs: Iterable[tuple[bytes, bytes]]) -> None:
    """The rectangle around the cells that hold something; too large, it says what drew it so large."""
    columns: dict[bytes, bytes] = {}  # with the first row of each
    rows = last_row = 0
    last_cell = b""
    for column, row in refs:
        columns.setdefault(column, row)
        number = int(row)
        rows += number > last_row
        if number > last_row:
            last_row, last_cell = number, column + row
    widest = max(columns, key=column_number, default=b"")
    last_column = column_number(widest)
    if last_row * last_column <= MAX_CELLS:
        return
    tall, wide = rows / last_row, len(columns) / last_column
    if min(tall, wide) < SPARSE:
        raise StrayCell(cell=(last_cell if tall < wide else widest + columns[widest]).decode())
    if rows > MAX_ROWS:
        raise TooManyRows(limit=f"{MAX_ROWS:,}")
    raise TooWide


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _check_repeats(content: bytes) -> None:
    """An .ods says "this row a million times"; harmless while the row is empty."""
    if _ODS_CELL.search(content):
        raise TooWide
    if any(b"value-type" in row for _times, row in _ODS_ROW.findall(content)):
        raise TooWide
