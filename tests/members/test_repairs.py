"""What people answer about cells nobody could read: kept with the import, part of the preview and of what is saved."""

import datetime
import re

import pytest
from django.core.files.base import ContentFile

from accounts import audit_words
from accounts.models import AuditEvent
from accounts.scoping import tenant_url
from members import repairs
from members.exceptions import ImportNotFound, ImportNotReady, InvalidImport, TooManyRepairs
from members.models import Import, Member
from members.repairs import Repairs
from members.services.import_run import apply_import as work_apply
from members.services.import_run import read_import as work_read
from members.services.imports import apply_import, correct_import, repair_import, start_import
from tests.members.test_sheets import xlsx

pytestmark = pytest.mark.usefixtures("in_tenant")
ROWS = [
    ["이름", "휴대폰", "생년월일"],
    ["김민수", "010-1234-5678", "1990-03-05"],
    ["이서연", "1.01E+10", "2001-02-03"],
    ["박지훈", "010-3456-7890", "2026-02-30"],
    ["최하은", "010-4567-8901", "어느 봄날"],
]
SHORT = [
    ["이름", "휴대폰", "생일"],
    ["김민수", "010-1234-5678", "03/04/05"],
    ["이서연", "010-2345-6789", "25/03/85"],
    ["박지훈", "010-3456-7890", "1990-01-02"],
]


def previewed(tenant, rows=ROWS):
    row = start_import(tenant=tenant, by=None, file=ContentFile(xlsx(("명단", rows)), name="명단.xlsx"))
    work_read(tenant=tenant, pk=row.pk)
    return Import.objects.get(pk=row.pk)


def repaired(tenant, row, cells=(), orders=(), no_births=False):
    answers = Repairs(dict(cells), dict(orders), no_births)
    repair_import(tenant=tenant, by=None, pk=row.pk, sheet=row.sheet, answers=answers)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def saved(tenant, row):
    apply_import(tenant=tenant, by=None, pk=row.pk)
    work_apply(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return dict(Member.objects.values_list("name", "birth_date"))


def test_repair_import_puts_cells_right_and_counts_them(tenant):
    row = previewed(tenant)
    assert (row.created, row.error_count) == (1, 3)
    assert [(e["row"], e["place"], e["who"]) for e in row.errors] == [
        (3, 1, "이서연"), (4, 2, "박지훈"), (5, 2, "최하은"),
    ]  # fmt: skip

    repaired(tenant, row, {(3, 1): "010 2345 6789", (4, 2): "2026-02-27"})

    assert (row.created, row.error_count, [e["row"] for e in row.errors]) == (3, 1, [5])
    assert saved(tenant, row) == {
        "김민수": datetime.date(1990, 3, 5),
        "이서연": datetime.date(2001, 2, 3),
        "박지훈": datetime.date(2026, 2, 27),
    }
    assert Member.objects.get(name="이서연").phone == "01023456789"
    assert (row.error_count, row.repairs) == (1, {})


def test_repair_import_that_is_wrong_again_is_asked_again(tenant):
    row = repaired(tenant, previewed(tenant), {(3, 1): "010-12"})

    assert next((e["row"], e["value"], e["code"]) for e in row.errors) == (3, "010-12", "too_short")
    assert repaired(tenant, row, {(3, 1): "010-2345-6789"}).created == 2


def test_repair_import_without_the_birthday_of_one_row(tenant):
    row = repaired(tenant, previewed(tenant), {(4, 2): ""})

    assert (row.created, row.error_count) == (2, 2)
    assert saved(tenant, row)["박지훈"] is None


def test_repair_import_without_any_wrong_birthday(tenant):
    row = repaired(tenant, previewed(tenant), no_births=True)

    assert (row.created, [e["row"] for e in row.errors]) == (3, [3])
    assert repaired(tenant, row).error_count == 3
    assert saved(tenant, repaired(tenant, row, no_births=True)) == {
        "김민수": datetime.date(1990, 3, 5), "박지훈": None, "최하은": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("order", "first", "errors"),
    [
        ("ymd", datetime.date(2003, 4, 5), [3]),
        ("dmy", datetime.date(2005, 4, 3), []),
        ("mdy", datetime.date(2005, 3, 4), [3]),
    ],
)
def test_repair_import_with_one_answer_for_a_column_of_short_dates(tenant, order, first, errors):
    row = previewed(tenant, SHORT)
    assert row.sample["asks"] == [{"index": 2, "column": "생일", "values": ["03/04/05", "25/03/85"], "rows": 2}]
    assert row.error_count == 2

    repaired(tenant, row, orders={2: order})

    assert [e["row"] for e in row.errors] == errors
    assert [ask["index"] for ask in row.sample["asks"]] == [2]
    assert saved(tenant, row)["김민수"] == first


def test_repair_import_keeps_earlier_answers_and_forgets_all_when_asked(tenant):
    row = repaired(tenant, previewed(tenant), {(3, 1): "010-2345-6789"})
    repaired(tenant, row, {(4, 2): "2025-02-27"})
    assert row.repairs == {"cells": [[3, 1, "010-2345-6789"], [4, 2, "2025-02-27"]]}

    correct_import(tenant=tenant, by=None, pk=row.pk, mode="create")
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    assert (row.created, row.mode) == (3, "create")

    repair_import(tenant=tenant, by=None, pk=row.pk, sheet=0, answers=None)
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    assert (row.created, row.repairs) == (1, {})


def test_repair_import_leaves_what_was_not_asked_alone(tenant):
    row = previewed(tenant)
    unchanged = {(3, 1): " 1.01E+10\n", (2, 0): "다른 이름", (99, 9): "x"}

    again = repair_import(tenant=tenant, by=None, pk=row.pk, sheet=0, answers=Repairs(unchanged))

    assert (again.state, again.repairs) == ("preview", {})


def test_correct_import_of_the_sheet_forgets_the_answers(tenant):
    book = xlsx(("가", ROWS), ("나", SHORT))
    row = start_import(tenant=tenant, by=None, file=ContentFile(book, name="둘.xlsx"))
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    repaired(tenant, row, no_births=True)

    correct_import(tenant=tenant, by=None, pk=row.pk, sheet=1 - row.sheet)

    assert Import.objects.get().repairs == {}


def test_repair_import_refuses(tenant, neighbour, monkeypatch):
    row = previewed(tenant)
    ask = {"tenant": tenant, "by": None, "pk": row.pk, "sheet": 0}

    with pytest.raises(ImportNotReady):
        repair_import(**{**ask, "sheet": 1}, answers=Repairs())
    for answers in (Repairs({(3, 1): "0" * 201}), Repairs(orders={2: "ydm"}), Repairs(orders={7: "ymd"})):
        with pytest.raises(InvalidImport):
            repair_import(**ask, answers=answers)
    monkeypatch.setattr(repairs, "CELLS_MOST", 1)
    with pytest.raises(TooManyRepairs) as refused:
        repair_import(**ask, answers=Repairs({(3, 1): "a", (4, 2): "b"}))
    assert "1칸까지" in str(refused.value)
    with pytest.raises(ImportNotFound):
        repair_import(**{**ask, "tenant": neighbour}, answers=Repairs())
    saved(tenant, row)
    with pytest.raises(ImportNotReady):
        repair_import(**ask, answers=Repairs())


def test_repair_import_leaves_no_value_in_the_audit_trail(tenant):
    row = repaired(tenant, previewed(tenant), {(3, 1): "010-2345-6789\x00"})
    repair_import(tenant=tenant, by=None, pk=row.pk, sheet=0, answers=None)

    told = AuditEvent.objects.filter(kind__startswith="import.").order_by("pk")
    assert [(event.kind, event.data, audit_words.sentence(event)) for event in told[1:]] == [
        ("import.repaired", {}, "명단의 틀린 칸을 고쳤어요."),
        ("import.unrepaired", {}, "명단에서 고친 칸을 모두 되돌렸어요."),
    ]


# --- the page -----------------------------------------------------------------------------------------------------


def page(client, tenant, row):
    return client.get(tenant_url(tenant, "members:import-detail", row.pk)).content.decode()


def post(client, tenant, row, **data):
    answer = client.post(tenant_url(tenant, "members:import-repair", row.pk), {"sheet": "0", **data})
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return answer


def test_import_page_asks_about_each_cell(as_owner, tenant):
    row = previewed(tenant)
    text = page(as_owner, tenant, row)

    assert re.findall(r'name="(cell-[\d-]+)" value="([^"]*)"', text) == [
        ("cell-3-1", "1.01E+10"), ("cell-4-2", "2026-02-30"), ("cell-5-2", "어느 봄날"),
    ]  # fmt: skip
    assert re.findall(r'name="(empty-[\d-]+)"', text) == ["empty-4-2", "empty-5-2"]

    answer = post(as_owner, tenant, row, **{"cell-3-1": "010-2345-6789", "cell-4-2": "2026-02-30", "empty-4-2": "1"})

    assert answer.url.endswith(f"/imports/{row.pk}/")
    assert row.repairs == {"cells": [[3, 1, "010-2345-6789"], [4, 2, ""]]}
    text = page(as_owner, tenant, row)
    assert "고쳐 적은 칸 2개" in text
    assert 'name="cell-3-1" value="010-2345-6789"' in text
    post(as_owner, tenant, row, forget="1")
    assert (row.repairs, row.error_count) == ({}, 3)


def shown(text):
    """What a tab that shows this page posts when nobody changes anything."""
    form = text[text.index("data-repair") :].split("</form>")[0]
    fields = [
        dict(re.findall(r'(\w+)="([^"]*)"', tag)) | {"on": "checked" in tag}
        for tag in re.findall(r"<input[^>]*>", form)
    ]
    return {f["name"]: f["value"] for f in fields if f["on"] or f.get("type") not in ("radio", "checkbox")}


def test_import_repair_of_a_stale_tab_keeps_what_another_has_said(as_owner, tenant):
    row = previewed(tenant)
    old = shown(page(as_owner, tenant, row))
    assert (old["was-cell-4-2"], old["cell-4-2"], old["was-no_births"]) == ("2026-02-30", "2026-02-30", "")
    post(as_owner, tenant, row, **old | {"cell-3-1": "010-2345-6789"})

    post(as_owner, tenant, row, **old | {"cell-4-2": "2025-02-27"})

    assert row.repairs == {"cells": [[3, 1, "010-2345-6789"], [4, 2, "2025-02-27"]]}
    newer = shown(page(as_owner, tenant, row))
    post(as_owner, tenant, row, **newer | {"cell-3-1": "010-9999-8888", "no_births": "1"})
    post(as_owner, tenant, row, **newer | {"cell-4-2": ""})
    assert row.repairs == {"cells": [[3, 1, "010-9999-8888"], [4, 2, ""]], "no_births": True}


def test_import_repair_takes_an_answer_back_where_the_page_showed_it(as_owner, tenant):
    row = repaired(tenant, previewed(tenant), no_births=True)
    seen = shown(page(as_owner, tenant, row))
    assert (seen["no_births"], seen["was-no_births"]) == ("1", "1")

    del seen["no_births"]
    post(as_owner, tenant, row, **seen)

    assert (row.repairs, row.error_count) == ({}, 3)


def test_import_repair_of_a_stale_tab_keeps_the_order_another_has_chosen(as_owner, tenant):
    row = previewed(tenant, SHORT)
    post(as_owner, tenant, row, **shown(page(as_owner, tenant, row)) | {"order-2": "ymd"})
    old = shown(page(as_owner, tenant, row))
    assert (old["order-2"], old["was-order-2"]) == ("ymd", "ymd")
    post(as_owner, tenant, row, **old | {"order-2": "dmy"})

    post(as_owner, tenant, row, **old)

    assert row.repairs == {"orders": {"2": "dmy"}}


def test_import_page_asks_before_it_forgets_every_answer(as_owner, tenant):
    row = previewed(tenant)
    assert 'name="forget"' not in page(as_owner, tenant, row)
    post(as_owner, tenant, row, **{"cell-3-1": "010-2345-6789"})

    button = re.search(r'<button[^>]* name="forget"[^>]*>', page(as_owner, tenant, row))[0]

    assert ("data-confirm=" in button, "모두 지우고" in button) == (True, True)


def test_import_page_asks_once_for_a_column_of_short_dates(as_owner, tenant):
    row = previewed(tenant, SHORT)
    text = page(as_owner, tenant, row)
    assert "‘생일’에 적힌 날짜 03/04/05, 어떤 순서로 적었나요?" in text
    assert ("2줄이 기다리고 있어요" in text, 'name="cell-' in text) == (True, False)
    assert re.findall(r'name="order-2" value="(\w+)">\S+<small>([\d-]+)<', text) == [
        ("ymd", "2003-04-05"), ("dmy", "2005-04-03"), ("mdy", "2005-03-04"),
    ]  # fmt: skip

    post(as_owner, tenant, row, **{"order-2": "dmy", "no_births": "1"})

    assert row.repairs == {"orders": {"2": "dmy"}, "no_births": True}
    text = page(as_owner, tenant, row)
    assert ('value="dmy" checked' in text, 'name="no_births" value="1" checked' in text) == (True, True)


def test_import_page_names_a_column_without_a_title_by_its_letter(as_owner, tenant):
    row = previewed(tenant, [["김민수", "010-1234-5678", "01/02/03"], ["이서연", "1.01E+10", "01/02/04"]])
    assert row.header == ["", "", ""]

    text = page(as_owner, tenant, row)

    assert "‘C열’에 적힌 날짜 01/02/03, 어떤 순서로 적었나요?" in text
    assert 'aria-label="2번째 줄 B열"' in text
    post(as_owner, tenant, row, **{"cell-2-1": "010-2345-6789"})
    assert '<b class="truncate">B열</b>' in page(as_owner, tenant, row)


def test_import_page_shows_fifty_mistakes_and_tells_of_the_rest(as_owner, tenant):
    rows = [ROWS[0], *([f"김민{n}", "1.01E+10", ""] for n in range(60))]
    row = previewed(tenant, rows)
    text = page(as_owner, tenant, row)

    assert (text.count('name="cell-'), "10줄이 더 있어요" in text) == (50, True)
    post(as_owner, tenant, row, **{f"cell-{n + 2}-1": f"010-1234-{5000 + n}" for n in range(50)})
    assert (row.created, row.error_count) == (50, 10)


def test_import_repair_of_a_stale_page_says_so(as_owner, tenant):
    row = previewed(tenant)

    answer = as_owner.post(tenant_url(tenant, "members:import-repair", row.pk), {"sheet": "3"}, follow=True)

    assert "지금은 할 수 없어요" in answer.content.decode()
