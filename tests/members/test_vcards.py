"""Contacts of a phone as a roster: every version, old encodings, broken cards."""

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
    assert vcards.rows_of(NEW + OLD + BROKEN) == [
        ["이름", "휴대폰", "다른 전화번호", "생년월일", "그룹", "메모"],
        ["김민수", "010-1234-5678", "02-345-6789", "1990-03-05", "오전반", "단골, 오전 에 옴"],
        ["이서연", "+82-10-2345-6789", "", "", "", ""],
        ["박지훈", "01034567890", "", "", "", ""],
        ["최유진", "01045678901", "", "", "", ""],
        ["", "0", "", "", "", ""],
    ]


@pytest.mark.usefixtures("in_tenant")
def test_import_of_contacts(tenant):
    file = ContentFile(NEW + OLD + BROKEN, name="contacts.vcf")
    row = start_import(tenant=tenant, by=None, file=file, apply=True)

    read_import(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.created, row.error_count) == ("finished", 4, 1)
    assert Member.objects.get(name="이서연").phone == "01023456789"
