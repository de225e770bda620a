import datetime
import io
import struct
import zipfile

import pytest
import xlsxwriter
import xlwt

from members import sheet_guards, sheets
from members.sheet_problems import (
    BrokenFile,
    EmptyFile,
    FileTooLarge,
    LockedFile,
    NoSuchSheet,
    StrayCell,
    TooManyRows,
    TooWide,
    UnknownKind,
    UnpacksTooLarge,
    WebPageFile,
    WrongEncoding,
)

CSV = "이름,휴대폰\r\n김민수,010-1234-5678\r\n이서연,010-2345-6789\r\n"
ROWS = [["이름", "휴대폰"], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]]
WIDE = 'table:number-columns-repeated="16384"'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(*named_sheets, write=None):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    for name, rows in named_sheets:
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        if write:
            write(book, sheet)
    book.close()
    return file.getvalue()


def packed(sheet_xml, **more):
    """A workbook whose one sheet is the given XML."""
    data = xlsx(("명단", [["x"]]))
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet_xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return file.getvalue()


def cell(ref, text="값"):
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_xml(rows):
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def ods(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        package.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="명단">{content}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()


def ods_cell(text, more=""):
    return f'<table:table-cell {more} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_read_csv_in_every_encoding_korean_machines_write(encoding):
    book = sheets.read(CSV.encode(encoding))

    assert (book.kind, book.rows) == ("text", ROWS)


@pytest.mark.parametrize("sign", ["\t", ";", "|"])
def test_read_csv_finds_the_delimiter(sign):
    assert sheets.read(CSV.replace(",", sign).encode()).rows == ROWS


def test_read_csv_keeps_commas_in_quotes_and_squares_ragged_rows():
    book = sheets.read('이름,휴대폰,그룹\n김민수,01012345678,"오전반, 주말반"\n\n이서연\n'.encode())

    assert book.rows[1:] == [["김민수", "01012345678", "오전반, 주말반"], ["", "", ""], ["이서연", "", ""]]


def test_read_csv_with_one_stray_control_character():
    assert sheets.read(CSV.replace("김민수", "김\x07민수").encode()).rows[1][0] == "김\x07민수"


def test_read_csv_of_one_column_with_phones_inside_is_split():
    assert sheets.read("김민수 010-1234-5678\n이서연 01023456789\n".encode()).rows[0] == ["김민수", "010-1234-5678", ""]


def test_read_japanese_bytes_says_wrong_encoding():
    with pytest.raises(WrongEncoding):
        sheets.read("名前,電話\n山田太郎さん,090-1234-5678\n佐藤花子さん,".encode("shift_jis") * 20)


def test_read_utf8_cut_in_the_middle_says_wrong_encoding():
    with pytest.raises(WrongEncoding):
        sheets.read(b"\xff\xfe\xfa,\xff\xff\n")


@pytest.mark.parametrize("data", [b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n", b"MZ\x00\x01\x02" * 90, b"a\x01\x02,b\nc,d" * 9])
def test_read_other_files_says_unknown_kind(data):
    with pytest.raises(UnknownKind):
        sheets.read(data)


def test_read_zip_that_is_no_workbook_says_unknown_kind():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("photo.txt", "hello")

    with pytest.raises(UnknownKind):
        sheets.read(file.getvalue())


@pytest.mark.parametrize("data", [b"<html><table><tr><td>a</td></tr></table>", "\ufeff\n<!DOCTYPE html>".encode()])
def test_read_web_page_named_xls_says_so(data):
    with pytest.raises(WebPageFile):
        sheets.read(data)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf\n", b" \r\n\t ", b"\x00\x00"])
def test_read_nothing_says_empty(data):
    with pytest.raises(EmptyFile):
        sheets.read(data)


def test_read_workbook_with_empty_sheet_says_empty():
    with pytest.raises(EmptyFile):
        sheets.read(xlsx(("명단", [])))


def test_read_file_over_the_limit_says_too_large():
    with pytest.raises(FileTooLarge) as caught:
        sheets.check(b"x" * (2 * 1024 * 1024 + 1), max_bytes=2 * 1024 * 1024)

    assert caught.value.facts == {"limit_mb": 2}


def test_read_xlsx_by_content_whatever_its_cells():
    def write(book, sheet):
        sheet.write_datetime(3, 0, datetime.datetime(1990, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(3, 1, 1012345678)
        sheet.write_formula(4, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(4, 1, '="010-"&"1"', None, "010-1")
        sheet.write_string(5, 0, "=SUM(A1)")

    book = sheets.read(xlsx(("명단", ROWS), write=write))

    assert book.kind == "xlsx"
    assert book.rows[3][:2] == [datetime.date(1990, 3, 5), 1012345678.0]
    assert book.rows[4][1] == "010-1"
    assert book.rows[5][0] == "=SUM(A1)"


def test_read_xls():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("명단")
    for line, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    file = io.BytesIO()
    book.save(file)

    assert sheets.read(file.getvalue()) == sheets.Book("xls", (sheets.Sheet("명단", 3),), 0, ROWS)


def test_read_ods():
    content = "".join(f"<table:table-row>{ods_cell(a)}{ods_cell(b)}</table:table-row>" for a, b in ROWS)

    book = sheets.read(ods(content))

    assert (book.kind, book.rows) == ("ods", ROWS)


def test_read_several_sheets_picks_the_one_with_phones():
    codes = [["코드", "뜻"]] + [[f"A{n}", f"뜻 {n}"] for n in range(50)]
    data = xlsx(("안내", [["이 파일은…"]]), ("코드", codes), ("회원", ROWS))

    book = sheets.read(data)

    assert book.sheets == (("안내", 1), ("코드", 51), ("회원", 3))
    assert (book.sheet, book.rows) == (2, ROWS)


def test_read_several_sheets_knows_phones_whose_digits_are_lost():
    roster = [["이름", "휴대폰"], *([f"김민{n}", "1.01E+10"] for n in range(5))]

    assert sheets.read(xlsx(("코드", [["코드", "뜻"]] * 9), ("명단", roster))).sheet == 1


def test_read_the_sheet_a_person_chose():
    data = xlsx(("회원", ROWS), ("탈퇴", ROWS[:2]))

    assert sheets.read(data, sheet=1).rows == ROWS[:2]
    with pytest.raises(NoSuchSheet):
        sheets.read(data, sheet=2)


def test_read_prefers_visible_sheets():
    data = xlsx(("보임", ROWS[:2]), ("숨김", ROWS), write=lambda book, sheet: sheet.name == "숨김" and sheet.hide())

    assert sheets.read(data).sheet == 0


def test_read_keeps_line_numbers_when_the_table_starts_lower():
    book = sheets.read(xlsx(("명단", [[], [], ["이름", "휴대폰"], [], ["김민수", "01012345678"], ["", " "]])))

    assert book.rows == [["", ""], ["", ""], ["이름", "휴대폰"], ["", ""], ["김민수", "01012345678"]]


def test_read_a_million_formatted_empty_rows_reads_the_few_that_count():
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(3, 1_048_577))
    data = packed(sheet_xml(f'<row r="1">{cell("A1")}</row><row r="2">{cell("A2")}</row>{empty}'))

    assert sheets.read(data).rows == [["값"], ["값"]]


def test_read_a_million_blank_texts_reads_the_few_that_count():
    blank = "".join(f'<row r="{n}">{cell(f"A{n}", " ")}</row>' for n in range(2, 400_000))
    data = packed(sheet_xml(f'<row r="1">{cell("A1")}</row>{blank}'))

    assert len(sheets.read(data, max_rows=1000).rows) == 1


def test_read_rows_past_the_limit_refuses_rather_than_cutting():
    for data in (xlsx(("명단", ROWS * 400)), (CSV * 600).encode()):
        with pytest.raises(TooManyRows) as caught:
            sheets.read(data, max_rows=1000)
        assert caught.value.facts == {"limit": "1,000"}


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_read_one_value_in_the_last_corner_is_refused_before_it_is_laid_out(prefix):
    xml = sheet_xml(f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>')
    if prefix:
        for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
            xml = (
                xml.replace(f"<{tag} ", f"<x:{tag} ")
                .replace(f"<{tag}>", f"<x:{tag}>")
                .replace(f"</{tag}>", f"</x:{tag}>")
            )
        xml = xml.replace("xmlns=", "xmlns:x=")

    with pytest.raises(StrayCell) as caught:
        sheets.read(packed(xml))
    assert caught.value.facts == {"cell": "XFD1048576"}


def beside(*, first="", last=""):
    """ROWS, with cells behind those of the first row, and rows below."""
    lines = [f'<row r="{n}">{cell(f"A{n}", a)}{cell(f"B{n}", b)}' for n, (a, b) in enumerate(ROWS, 1)]
    return packed(sheet_xml(f"{lines[0]}{first}</row>{lines[1]}</row>{lines[2]}</row>{last}"))


@pytest.mark.parametrize(
    ("where", "ref"),
    [
        ({"last": f'<row r="1048000">{cell("A1048000")}</row>'}, "A1048000"),
        ({"last": f'<row r="300001">{cell("B300001")}</row>'}, "B300001"),
        ({"last": f'<row r="1048000">{cell("Z1048000")}</row>'}, "Z1048000"),
        ({"first": cell("XFD1")}, "XFD1"),
        ({"first": cell("XFD1"), "last": f'<row r="1048000">{cell("A1048000")}</row>'}, "A1048000"),
    ],
)
def test_read_stray_value_is_refused_by_name(where, ref):
    with pytest.raises(StrayCell) as caught:
        sheets.read(beside(**where))

    assert caught.value.facts == {"cell": ref}
    assert str(caught.value).startswith(f"{ref} 칸이")


@pytest.mark.parametrize(
    "where",
    [
        {"last": '<row r="1048000"><c r="A1048000" s="0"/></row>'},
        {"last": '<row r="1048000" s="0" customFormat="1"/>'},
        {"last": f'<row r="1048000">{cell("A1048000", " ")}</row>'},
        {"first": '<c r="XFD1" s="0"/>'},
        {"first": cell("XFD1", " ")},
    ],
)
def test_read_stray_format_or_blank_is_as_good_as_nothing(where):
    book = sheets.read(beside(**where))

    assert (book.sheets, book.rows) == ((("명단", 3),), ROWS)


def test_read_rows_with_gaps_that_end_past_the_limit_says_which_cell():
    scattered = "".join(f'<row r="{n}">{cell(f"A{n}")}</row>' for n in range(1, 2000, 4))

    with pytest.raises(StrayCell) as caught:
        sheets.read(packed(sheet_xml(scattered)), max_rows=1000)

    assert caught.value.facts == {"cell": "A1001"}


def test_read_table_that_is_wide_all_along_says_too_wide():
    wide = [[f"칸 {n}" for n in range(sheets.MAX_COLUMNS + 1)]] * 2

    for data in (xlsx(("명단", wide)), "\n".join(",".join(row) for row in wide).encode()):
        with pytest.raises(TooWide):
            sheets.read(data)


@pytest.mark.parametrize(("rows", "letters", "problem"), [(1048, "ABCDEFGHIJKL", TooManyRows), (200, None, TooWide)])
def test_read_full_rectangle_too_large_says_in_which_way(monkeypatch, rows, letters, problem):
    monkeypatch.setattr(sheet_guards, "MAX_CELLS", 12_000)
    monkeypatch.setattr(sheet_guards, "MAX_ROWS", 300)
    letters = letters or [sheet_guards.column_letters(n) for n in range(1, 70)]

    with pytest.raises(problem):
        sheet_guards._check_cells((c.encode(), b"%d" % row) for row in range(1, rows + 1) for c in letters)


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (16384, "XFD")])
def test_column_letters_and_back(number, letters):
    assert sheet_guards.column_letters(number) == letters
    assert sheet_guards.column_number(letters.encode()) == number


@pytest.mark.parametrize(
    "content",
    [
        f'<table:table-row table:number-rows-repeated="1048576">{ods_cell("값")}</table:table-row>',
        f"<table:table-row>{ods_cell('값', WIDE)}</table:table-row>",
        f'<table:table-row><table:table-cell table:number-columns-repeated="16383"/>{ods_cell("값")}</table:table-row>',
    ],
)
def test_read_ods_that_repeats_without_end_is_refused(content):
    with pytest.raises(TooWide):
        sheets.read(ods(content))


def test_read_zip_bomb_is_refused_by_its_directory():
    with pytest.raises(UnpacksTooLarge):
        sheets.read(packed(" " * (sheet_guards.RATIO_COUNTS_FROM + 1)))


def test_read_zip_bomb_that_lies_about_its_size_is_broken():
    data = bytearray(packed(sheet_xml("<row/>") + " " * 5_000_000))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entry = package.getinfo("xl/worksheets/sheet1.xml")
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    assert entry.file_size > 1000

    with pytest.raises(BrokenFile):
        sheets.read(bytes(data))


def test_read_book_with_a_password_says_locked():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 90

    with pytest.raises(LockedFile):
        sheets.read(data)


@pytest.mark.parametrize("cut", [100, 2000, -40])
def test_read_file_cut_short_says_broken(cut):
    with pytest.raises(BrokenFile):
        sheets.read(xlsx(("명단", ROWS))[:cut])


def test_read_old_book_with_rubbish_inside_says_broken():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\x07" * 3000

    with pytest.raises(BrokenFile):
        sheets.read(data)


def test_read_xml_that_does_not_parse_says_broken():
    with pytest.raises(BrokenFile):
        sheets.read(packed("<worksheet><sheetData><row r='1'><c r='A1'><v>1</row>"))


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("김민수 010-1234-5678", ["김민수", "010-1234-5678", ""]),
        ("010-1234-5678 김민수", ["김민수", "010-1234-5678", ""]),
        ("010 1234 5678 김민수 오전반", ["김민수", "010 1234 5678", "오전반"]),
        ("1. 김민수 : 01012345678 (VIP)", ["김민수", "01012345678", "VIP"]),
        ("- 김민수 +82 10-1234-5678", ["김민수", "+82 10-1234-5678", ""]),
        ("김민수1012345678", ["김민수", "1012345678", ""]),
        ("김민수", ["김민수", "", ""]),
        ("홍길동 02-123-4567 저녁", ["홍길동", "02-123-4567", "저녁"]),
    ],
)
def test_read_pasted_loose_line(line, row):
    assert sheets.read(line.encode()).rows == [row]


@pytest.mark.parametrize("text", ["이름\t휴대폰\n김민수\t010-1234-5678", "이름,휴대폰\n김민수,010-1234-5678"])
def test_read_pasted_cells(text):
    assert sheets.read(text.encode()).rows == ROWS[:2]
