"""Contacts of a phone as a roster: every version, old encodings, broken cards."""

import time

import pytest
from django.core.files.base import ContentFile

from members import vcards
from members.models import Member
from members.services.import_run import read_import
from members.services.imports import start_import

NEW = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:김;민수;;;\r\nFN:김민수\r\nTEL;TYPE=HOME:02-345-6789\r\n"
    "item1.TEL;TYPE=CELL:010-1234-5678\r\nBDAY:19900305\r\n"
    "NOTE:단골\\, 오전\r\n  에 옴\r\nCATEGORIES:오전반\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:이서연\r\nTEL;VALUE=uri:tel:+82-10-2345-6789\r\nEND:VCARD\r\n"
).encode()
OLD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=EB=B0=95;=EC=A7=80=\r\n=ED=9B=88\r\n"
    b"TEL;CELL:01034567890\r\nEND:VCARD\r\n"
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;ENCODING=QUOTED-PRINTABLE:=C3=D6=C0=AF=C1=F8;\r\nTEL;CELL:01045678901\r\nEND:VCARD\r\n"
)
BROKEN = b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:0\r\nGARBAGE\r\n"


def test_rows_of_every_version():
    assert vcards.rows_of(NEW + OLD + BROKEN, 100) == [
        ["이름", "휴대폰", "다른 전화번호", "생년월일", "그룹", "메모"],
        ["김민수", "010-1234-5678", "02-345-6789", "1990-03-05", "오전반", "단골, 오전 에 옴"],
        ["이서연", "+82-10-2345-6789", "", "", "", ""],
        ["박지훈", "01034567890", "", "", "", ""],
        ["최유진", "01045678901", "", "", "", ""],
        ["", "0", "", "", "", ""],
    ]


def _card(*lines: str, charset: str = "utf-8") -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode(charset)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("BDAY:--0305", "3월 5일"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-05", "3월 5일"),
        ("BDAY;VALUE=date:1990-03-05", "1990-03-05"),
        ("BDAY:1990-03-05T00:00:00Z", "1990-03-05"),
    ],
)
def test_rows_of_birthdays(line, said):
    assert vcards.rows_of(_card("FN:김민수", "TEL:01012345678", line), 9)[1][2] == said


def test_rows_of_old_encodings():
    plain = _card("N:김;민수", "TEL:01012345678", charset="cp949")
    lower = _card("N;charset=euc-kr;encoding=quoted-printable:=B1=E8;=B9=CE=BC=F6", "TEL:01012345678")
    wrong = _card("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=X-NONE:=EA=B9=80=EB=AF=BC=EC=88=98", "TEL:01012345678")
    marked = _card("FN:김민수", "TEL:01012345678").decode().encode("utf-16")

    for data in (plain, lower, wrong, marked):
        assert vcards.is_vcard(data)
        assert vcards.rows_of(data, 9)[1] == ["김민수", "01012345678"]


def test_rows_of_what_is_left_unsaid():
    firm, nobody, slash = _card("ORG:한빛;영업", "TEL:0212345678"), _card("ADR:서울"), _card("FN:김\\", "TEL:1")
    rows = vcards.rows_of(firm + nobody + slash + b"BEGIN:VCARD\r\n", 9)
    assert [row[:2] for row in rows[1:]] == [["한빛 영업", "0212345678"], ["", "VERSION:3.0"], ["김", "1"], ["", "?"]]


def test_rows_of_too_long_a_card():
    long = _card("FN:김민수", "TEL:01012345678", "NOTE:" + "가" * vcards.CARD_MOST)
    assert vcards.rows_of(long + NEW, 9)[1][:2] == ["", "VERSION:3.0"]
    picture = _card("FN:김민수", "TEL:01012345678", "PHOTO;ENCODING=b:" + "A" * 10**6, " " + "B" * 10**6)
    assert vcards.rows_of(picture, 9)[1] == ["김민수", "01012345678"]


@pytest.mark.parametrize("signs", ["=" * 60, "," * 60, ";가" * 60, "=a," * 60, '="x:' + "=" * 60, '="x:"' + "=" * 60])
def test_rows_of_a_head_that_is_made_to_take_for_ever(signs):
    assert vcards.rows_of(_card("FN:김민수", "TEL:01012345678", f"TEL;A{signs}:1", "NOTE;A" + signs), 9)[1] == [
        "김민수", "01012345678",
    ]  # fmt: skip


def test_rows_of_thousands_in_seconds():
    photo = "\r\n ".join(["PHOTO;ENCODING=BASE64;JPEG:" + "A" * 70, *["A" * 75] * 40])
    data = b"".join(_card(f"N:김;민수{n}", f"TEL;TYPE=CELL:010{n:08}", photo) for n in range(5000))
    began = time.process_time()
    assert len(vcards.rows_of(data, 100_000)) == 5001
    assert len(vcards.rows_of(b"BEGIN:VCARD" + b"\n" * 5_000_000 + data[:200], 9)) == 3
    assert time.process_time() - began < 10


@pytest.mark.usefixtures("in_tenant")
def test_import_of_contacts(tenant):
    file = ContentFile(NEW + OLD + BROKEN, name="contacts.vcf")
    row = start_import(tenant=tenant, by=None, file=file, apply=True)

    read_import(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.created, row.error_count) == ("finished", 4, 1)
    assert Member.objects.get(name="이서연").phone == "01023456789"


@pytest.mark.usefixtures("in_tenant")
def test_import_of_contacts_with_a_nul_keeps_none(tenant):
    wrong = _card("FN:김민수", "TEL;ENCODING=QUOTED-PRINTABLE:0=00", "NOTE;ENCODING=QUOTED-PRINTABLE:=00=41")
    row = start_import(tenant=tenant, by=None, file=ContentFile(NEW + wrong, name="contacts.vcf"), apply=True)

    read_import(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, [error["value"] for error in row.errors]) == ("finished", ["0"])
    assert "\x00" not in str([row.errors, row.sample])
