"""Services of imports: from a file to members, whole or not at all."""

import datetime
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django_scopes import scope

from accounts import uploads
from accounts.models import AuditEvent, Upload
from members import sheets
from members.exceptions import ImportNotFound, ImportNotReady, InvalidGroup, InvalidImport, UploadGone
from members.models import Consent, Field, Group, Import, Member, Membership
from members.selectors import roster
from members.services import import_errors, import_known, import_rows, members
from members.services.import_run import apply_import as work_apply
from members.services.import_run import read_import as work_read
from members.services.import_run import rescue_imports
from members.services.imports import apply_import, correct_import, revert_import, start_import
from members.sheet_problems import EmptyFile, NoPhoneColumn, UnknownKind
from tests.factories import make_group, make_member
from tests.members.test_sheets import xlsx
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")
HEADER = ["이름", "휴대폰", "생년월일", "메모", "그룹"]
WAITED = datetime.timedelta(hours=3)
TWO = [
    HEADER,
    ["김민수", "010-1234-5678", "1990-03-05", "단골", "오전반"],
    ["이서연", "010-2345-6789", "", "", "오전반, 주말반"],
]


def start(tenant, rows=TWO, **options):
    file = ContentFile(xlsx(("명단", rows)), name="명단.xlsx")
    return start_import(**{"tenant": tenant, "by": None, "file": file} | options)


def ran(tenant, rows=TWO, **options):
    row = start(tenant, rows, apply=True, **options)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def previewed(tenant, rows=TWO, **options):
    row = start(tenant, rows, **options)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def people(tenant):
    return list(Member.objects.filter(tenant=tenant).order_by("id").values_list("name", "phone"))


def test_import_writes_members_groups_and_counts(tenant):
    row = ran(tenant)

    assert (row.state, row.rows, row.created, row.updated, row.skipped, row.error_count) == ("finished", 2, 2, 0, 0, 0)
    member = Member.objects.get(name="김민수")
    assert (member.phone, member.birth_date, member.memo) == ("01012345678", datetime.date(1990, 3, 5), "단골")
    assert member.fields == {}
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 2, "주말반": 1}
    assert Membership.objects.filter(tenant=tenant).count() == 3
    assert AuditEvent.objects.filter(kind="import.applied").get().data["created"] == 2


def test_import_can_be_found_by_search_at_once(tenant):
    ran(tenant)

    assert [m.name for m in roster(tenant, search="ㄱㅁㅅ").page("").rows] == ["김민수"]
    assert [m.name for m in roster(tenant, search="6789").page("").rows] == ["이서연"]


def test_import_leaves_the_next_id_free(tenant):
    ran(tenant)

    assert make_member(tenant, "박지훈").pk > max(Member.objects.filter(name="김민수").values_list("pk", flat=True))


def test_import_stops_at_the_preview_and_writes_nothing(tenant):
    make_member(tenant, "김민수", "01012345678")

    row = previewed(tenant, group="신규")

    assert (row.state, row.rows, row.created, row.updated) == ("preview", 2, 1, 1)
    assert [(p["kind"], p["name"]) for p in row.sample["people"]] == [("create", "이서연"), ("update", "김민수")]
    assert Member.objects.count() == 1


def test_apply_import_lets_the_preview_come_true(tenant):
    row = previewed(tenant)

    apply_import(tenant=tenant, by=None, pk=row.pk)
    work_apply(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.created) == ("finished", 2)
    assert row.sample["people"] == []


def test_apply_import_twice_is_once(tenant):
    row = previewed(tenant)
    apply_import(tenant=tenant, by=None, pk=row.pk)
    apply_import(tenant=tenant, by=None, pk=row.pk)

    assert work_apply(tenant=tenant, pk=row.pk) is True
    assert work_apply(tenant=tenant, pk=row.pk) is False
    assert apply_import(tenant=tenant, by=None, pk=row.pk).state == "finished"
    assert len(people(tenant)) == 2


def test_read_import_rung_twice_reads_once(tenant):
    row = start(tenant, apply=True)

    assert [work_read(tenant=tenant, pk=row.pk) for _ in range(2)] == [True, False]
    assert len(people(tenant)) == 2


def test_import_again_changes_nothing(tenant):
    ran(tenant)

    row = ran(tenant)

    assert (row.created, row.updated, row.skipped) == (0, 0, 2)


def test_import_upsert_updates_only_what_the_file_says(tenant):
    gym = make_group(tenant, "오전반")
    known = make_member(tenant, "김민수", "01012345678", gym, memo="옛 메모", fields={"차": "12가3456"})
    rows = [["이름", "휴대폰", "메모", "학년"], ["김민수", "010-1234-5678", "", "3"]]

    row = ran(tenant, rows, group="신규")

    known.refresh_from_db()
    assert (row.updated, known.memo, known.fields) == (1, "옛 메모", {"차": "12가3456", "학년": "3"})
    assert sorted(known.groups.values_list("name", flat=True)) == ["신규", "오전반"]
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 1, "신규": 1}
    assert list(Field.objects.values_list("name", flat=True)) == ["학년"]


def test_import_changed_memo_is_found_by_search(tenant):
    make_member(tenant, "김민수", "01012345678", memo="옛날")

    ran(tenant, [["이름", "휴대폰", "메모"], ["김민수", "010-1234-5678", "프리미엄"]])

    assert [m.name for m in roster(tenant, search="프리미엄").page("").rows] == ["김민수"]


@pytest.mark.parametrize(("mode", "counts"), [("create", (1, 0, 1)), ("update", (0, 1, 1)), ("upsert", (1, 1, 0))])
def test_import_modes(tenant, mode, counts):
    make_member(tenant, "김민수", "01012345678")

    row = ran(tenant, mode=mode)

    assert (row.created, row.updated, row.skipped) == counts


def test_import_of_a_trashed_member_creates_anew(tenant):
    make_member(tenant, "김민수", "01012345678", deleted_at=times.now())

    assert ran(tenant).created == 2


def test_import_families_share_a_phone(tenant):
    rows = [HEADER[:2], ["김민수", "010-1234-5678"], ["김민지", "010-1234-5678"], ["김민수", "01012345678"]]

    row = ran(tenant, rows)

    assert (row.created, row.skipped, len(people(tenant))) == (2, 1, 2)


def test_import_errors_block_nobody_else(tenant):
    rows = [*TWO, ["박지훈", "1.01E+10", "", "", ""], ["최하은", "010-3333-4444", "2026-02-30", "", ""]]

    row = ran(tenant, rows)

    assert (row.rows, row.created, row.error_count) == (4, 2, 2)
    assert [(e["row"], e["column"], e["value"], e["code"]) for e in row.errors] == [
        (4, "휴대폰", "1.01E+10", "lost_digits"),
        (5, "생년월일", "2026-02-30", "no_such_date"),
    ]


def test_import_error_file_can_be_fixed_and_uploaded_again(tenant):
    row = ran(tenant, [*TWO, ["=박지훈", "1.01E+10", "1999-01-02", "새", "오전반"]])

    with import_errors.open_file(row) as file:
        rows = sheets.read(file.read()).rows
    assert rows[0] == [*HEADER, "문제"]
    assert rows[1][:5] == ["'=박지훈", "1.01E+10", "1999-01-02", "새", "오전반"]
    rows[1][1] = "010-5555-6666"
    again = ran(tenant, rows)
    assert (again.created, again.error_count) == (1, 0)
    assert Member.objects.get(phone="01055556666").name == "=박지훈"
    assert Field.objects.count() == 0


def test_import_consents_enter_the_ledger(tenant):
    rows = [
        [*HEADER[:2], "광고수신동의", "야간수신동의"],
        ["김민수", "01012345678", "Y", "N"],
        ["이서연", "01023456789", "", ""],
    ]

    row = ran(tenant, rows)

    member = Member.objects.get(name="김민수")
    assert member.ad_consent_at is not None and member.night_consent_at is None
    assert Member.objects.get(name="이서연").ad_consent_at is None
    assert Consent.objects.filter(kind="night").values_list("given", "member_id").get() == (False, member.pk)
    ledger = Consent.objects.get(kind="ad")
    assert (ledger.member_id, ledger.kind, ledger.given, str(row.pk) in ledger.source) == (member.pk, "ad", True, True)
    assert ledger.at == member.ad_consent_at


def test_import_withdrawn_consent_enters_the_ledger(tenant):
    make_member(tenant, "김민수", "01012345678", ad_consent_at=times.now())

    ran(tenant, [["이름", "휴대폰", "광고동의"], ["김민수", "01012345678", "N"]])

    assert Member.objects.get().ad_consent_at is None
    assert list(Consent.objects.values_list("kind", "given")) == [("ad", False)]


def test_import_text_that_databases_stumble_over(tenant):
    memo = 'back\\slash "따옴표" \t탭\n줄 😀 \\N'
    rows = [["이름", "휴대폰", "메모", "학년"], ["김\\민수", "01012345678", memo, 'a"b\\c']]

    ran(tenant, rows)

    member = Member.objects.get()
    assert (member.name, member.memo, member.fields) == ("김\\민수", memo.replace("\t", " "), {"학년": 'a"b\\c'})


def test_import_is_whole_or_nothing(tenant):
    row = start(tenant, apply=True)

    with mock.patch.object(import_rows, "_consents", side_effect=RuntimeError), pytest.raises(RuntimeError):
        work_read(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, bool(row.problem), row.created) == ("failed", True, 0)
    assert (Member.objects.count(), Group.objects.count()) == (0, 0)


def test_import_killed_halfway_is_done_once_when_rung_again(tenant):
    row = start(tenant, apply=True)
    with mock.patch.object(import_rows, "_consents", side_effect=OperationalError), pytest.raises(OperationalError):
        work_read(tenant=tenant, pk=row.pk)
    assert Member.objects.count() == 0

    assert work_apply(tenant=tenant, pk=row.pk) is False  # the dead worker's lease still runs
    Import.objects.update(lease_until=times.now() - datetime.timedelta(seconds=1))
    assert work_apply(tenant=tenant, pk=row.pk) is True

    assert len(people(tenant)) == 2


def test_import_that_lost_its_lease_writes_nothing(tenant):
    row = start(tenant, apply=True)

    def stolen(*args, **kwargs):
        Import.objects.filter(pk=row.pk).update(lease_until=times.now() + datetime.timedelta(hours=1))

    with mock.patch.object(import_rows, "_consents", side_effect=stolen):
        work_read(tenant=tenant, pk=row.pk)

    assert Member.objects.count() == 0


def test_rescue_imports_rings_for_the_unheard_and_gives_up_the_hopeless(tenant, django_capture_on_commit_callbacks):
    unheard, hopeless, fresh = start(tenant), start(tenant), start(tenant)
    old = times.now() - datetime.timedelta(minutes=5)
    Import.objects.filter(pk=unheard.pk).update(asked_at=old)
    Import.objects.filter(pk=hopeless.pk).update(asked_at=old - datetime.timedelta(hours=3))

    with mock.patch("accounts.ringing._send") as sent, django_capture_on_commit_callbacks(execute=True):
        rescue_imports()

    assert [call.args[:2] for call in sent.call_args_list] == [("members.import_read", (tenant.pk, unheard.pk))]
    hopeless.refresh_from_db()
    fresh.refresh_from_db()
    assert (hopeless.state, fresh.state) == ("failed", "reading")


def test_an_import_that_was_confirmed_late_is_not_given_up_at_once(tenant):
    row = previewed(tenant)
    Import.objects.update(created_at=times.now() - datetime.timedelta(hours=3), asked_at=times.now() - WAITED)
    apply_import(tenant=tenant, by=None, pk=row.pk)

    rescue_imports()

    row.refresh_from_db()
    assert row.state == "applying"


def test_import_joins_its_columns_to_what_somebody_wrote_meanwhile(tenant):
    member = make_member(tenant, "김민수", "01012345678", fields={"반": "1반", "차": "없음"})
    for name in ("반", "차", "사물함"):
        Field.objects.create(tenant=tenant, name=name)
    row = start(tenant, [["이름", "휴대폰", "반"], ["김민수", "01012345678", "2반"]], apply=True)
    plan = import_known.known_people

    def then(*args, **kwargs):
        found = plan(*args, **kwargs)
        Member.objects.update(fields={"반": "1반", "차": "12가3456", "사물함": "7"})
        return found

    with mock.patch.object(import_known, "known_people", then):
        work_read(tenant=tenant, pk=row.pk)

    member.refresh_from_db()
    assert member.fields == {"반": "2반", "차": "12가3456", "사물함": "7"}


def test_import_passes_over_who_was_put_into_the_trash_meanwhile(tenant):
    member = make_member(tenant, "김민수", "01012345678")
    row = start(tenant, apply=True)
    plan = import_known.known_people

    def then(*args, **kwargs):
        found = plan(*args, **kwargs)
        members.trash_one(tenant=tenant, by=None, member=member)
        return found

    with mock.patch.object(import_known, "known_people", then):
        work_read(tenant=tenant, pk=row.pk)

    assert not Membership.objects.filter(member=member).exists()
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 1, "주말반": 1}


def test_import_into_a_group_that_cannot_be_keeps_no_file(tenant):
    with pytest.raises(InvalidGroup):
        start(tenant, group="가" * 41)

    assert not Upload.objects.exists()


def test_import_on_a_full_disk_loses_only_the_error_file(tenant):
    row = start(tenant, [*TWO, ["박지훈", "1", "", "", ""]], apply=True)

    with mock.patch("members.services.import_errors.default_storage.save", side_effect=OSError):
        work_read(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.created, row.error_count) == ("finished", 2, 1)


def test_import_whose_file_is_gone_says_so(tenant):
    row = start(tenant)
    uploads.delete(tenant=tenant, by=None, upload=row.upload)

    work_read(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.problem) == ("failed", str(UploadGone.message))


def test_start_import_refuses_what_is_no_roster(tenant):
    with pytest.raises(UnknownKind):
        start_import(tenant=tenant, by=None, file=ContentFile(b"%PDF-1.7", name="명단.xlsx"))
    with pytest.raises(EmptyFile):
        start_import(tenant=tenant, by=None, text="  ")
    with pytest.raises(InvalidImport):
        start(tenant, mode="replace")

    assert Import.objects.count() == 0


def test_start_import_of_pasted_lines(tenant):
    row = start_import(tenant=tenant, by=None, text="김민수 010-1234-5678\n이서연 01023456789", apply=True)
    work_read(tenant=tenant, pk=row.pk)

    assert people(tenant) == [("김민수", "01012345678"), ("이서연", "01023456789")]


def test_import_cp949_csv(tenant):
    file = ContentFile("성명,연락처\r\n김민수,1012345678\r\n".encode("cp949"), name="명단.csv")
    row = start_import(tenant=tenant, by=None, file=file, apply=True)
    work_read(tenant=tenant, pk=row.pk)

    assert people(tenant) == [("김민수", "01012345678")]


def test_import_without_phone_column_fails_with_its_sentence(tenant):
    row = ran(tenant, [["이름", "주소"], ["김민수", "서울"]])

    assert (row.state, row.problem) == ("failed", str(NoPhoneColumn.message))


def test_import_without_phone_column_can_be_corrected_at_the_preview(tenant):
    row = previewed(tenant, [["이름", "값"], ["김민수", "번호없음"], ["이서연", "010-2345-6789"], ["박", "x"]])
    assert (row.state, row.problem) == ("preview", str(NoPhoneColumn.message))
    with pytest.raises(NoPhoneColumn):
        apply_import(tenant=tenant, by=None, pk=row.pk)

    correct_import(tenant=tenant, by=None, pk=row.pk, mapping={"0": "name", "1": "phone"})
    work_read(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.state, row.problem, row.created, row.error_count) == ("preview", "", 1, 2)


def test_correct_import_reads_another_sheet(tenant):
    file = ContentFile(xlsx(("회원", TWO), ("탈퇴", [HEADER[:2], ["박지훈", "010-3456-7890"]])), name="a.xlsx")
    row = start_import(tenant=tenant, by=None, file=file)
    work_read(tenant=tenant, pk=row.pk)

    correct_import(tenant=tenant, by=None, pk=row.pk, sheet=1, mapping={"0": "skip"})
    work_read(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.sheet, row.created, row.header) == (1, 1, HEADER[:2])


HEADLESS = [["코드", "값"], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]]


def corrected(tenant, row, **choices):
    correct_import(tenant=tenant, by=None, pk=row.pk, **choices)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def test_correct_import_takes_another_line_for_the_titles(tenant):
    row = previewed(tenant, HEADLESS)
    assert (row.header_row, row.sample["header_row"], row.rows) == (None, 0, 3)
    assert row.sample["head"] == HEADLESS

    corrected(tenant, row, header_row=1)
    assert (row.header_row, row.header, row.rows, row.mapping["1"]) == (1, ["코드", "값"], 2, "phone")

    corrected(tenant, row, mapping={"0": "name", "1": "phone"}, header_row=1, mode="create")
    assert (row.header_row, row.mode, row.rows) == (1, "create", 2)
    apply_import(tenant=tenant, by=None, pk=row.pk)
    work_apply(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    assert (row.created, row.sample["head"]) == (2, [])


def test_correct_import_of_the_sheet_forgets_the_line_of_the_titles(tenant):
    file = ContentFile(xlsx(("가", HEADLESS), ("나", TWO)), name="둘.xlsx")
    row = start_import(tenant=tenant, by=None, file=file)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    other = 1 - row.sheet

    corrected(tenant, row, header_row=2)
    corrected(tenant, row, sheet=other, header_row=2)

    assert (row.sheet, row.header_row, row.sample["header_row"]) == (other, None, other)


@pytest.mark.parametrize("line", [-1, 4, 9999])
def test_correct_import_refuses_a_line_that_is_not_there(tenant, line):
    row = previewed(tenant, HEADLESS)

    with pytest.raises(InvalidImport):
        correct_import(tenant=tenant, by=None, pk=row.pk, header_row=line)


@pytest.mark.parametrize(
    "mapping", [{"0": "name", "1": "drop table"}, {"0": "name", "1": "name"}, {"0": "field:" + "x" * 31}]
)
def test_correct_import_refuses_a_mapping_that_makes_no_sense(tenant, mapping):
    row = previewed(tenant)

    with pytest.raises(InvalidImport):
        correct_import(tenant=tenant, by=None, pk=row.pk, mapping=mapping)


def test_correct_import_after_it_was_applied_is_refused(tenant):
    row = ran(tenant)

    with pytest.raises(ImportNotReady):
        correct_import(tenant=tenant, by=None, pk=row.pk, mode="create")


def test_imports_of_a_neighbour_are_not_there(tenant, neighbour):
    row = previewed(tenant)

    with scope(tenant=neighbour):
        for deed in (apply_import, revert_import, correct_import):
            with pytest.raises(ImportNotFound):
                deed(tenant=neighbour, by=None, pk=row.pk)
        assert work_read(tenant=neighbour, pk=row.pk) is False


def test_import_of_a_neighbours_phone_touches_only_ours(tenant, neighbour):
    theirs = make_member(neighbour, "김민수", "01012345678", memo="이웃")

    row = ran(tenant)

    assert row.created == 2
    with scope(tenant=neighbour):
        theirs.refresh_from_db()
        assert theirs.memo == "이웃"


def test_preview_shows_days_as_they_were_read(tenant):
    rows = [["이름", "휴대폰", "생일", "가입일", "회비"], ["김민수", "01012345678", 32937.0, 45000.0, 45000.0]]

    assert previewed(tenant, rows).sample["cells"][2:] == [["1990-03-05"], ["2023-03-15"], ["45000"]]


def test_import_of_too_many_fields_fails_with_a_sentence_and_writes_nothing(tenant):
    titles = [f"항목{n}" for n in range(60)]
    rows = [[*HEADER[:2], *titles], ["김민수", "01012345678", *["x"] * 60]]

    row = ran(tenant, rows)

    assert (row.state, bool(row.problem), Member.objects.count()) == ("failed", True, 0)


def test_import_of_some_thousands(tenant):
    rows = [HEADER[:2], *([f"회원{n}", f"010{n:08d}"] for n in range(6000))]

    row = ran(tenant, rows, group="모두")

    assert (row.created, Member.objects.count(), Group.objects.get().member_count) == (6000, 6000, 6000)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            assert cursor.fetchall() == []


@pytest.mark.parametrize(
    ("titles", "cells", "kept"),
    [
        (["업체", "업체 2"], ["한빛", "새빛"], {"업체 3": "한빛", "업체 2": "새빛"}),
        (["업체", "업체"], ["한빛", "새빛"], {"업체 2": "한빛", "업체 4": "새빛"}),
        (["수업료#", "수업료|"], ["1", "2"], {"수업료": "1", "수업료 2": "2"}),
    ],
)
def test_two_columns_never_fill_one_field(tenant, titles, cells, kept):
    rows = [["이름", "휴대폰", *titles], ["김민수", "010-1234-5678", *cells]]
    ran(tenant, rows)
    assert Member.objects.get().fields == kept

    again = ran(tenant, rows)

    assert (again.created, again.updated, again.skipped) == (0, 0, 1)
    assert Field.objects.count() == 2


def test_a_number_that_is_kept_does_not_fill_the_field_of_another_column(tenant):
    ran(tenant, [["이름", "휴대폰", "핸드폰", "휴대폰 2"], ["김", "02-123-4567", "010-1234-5678", "010-9999-8888"]])

    assert sorted(Member.objects.get().fields.values()) == ["010-9999-8888", "02-123-4567"]


def test_preview_shows_days_of_a_title_that_is_no_name(tenant):
    row = previewed(tenant, [["이름", "휴대폰", "#등록일"], ["김", "010-1234-5678", 45000]])

    assert row.sample["cells"][2] == ["2023-03-15"]
