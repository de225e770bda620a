"""The pages of passes, visits and dues, as staff use them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from members.models import Attendance, Due, DuePlan, Member, Pass, PassType
from members.services import due_plans, pass_ends, uniting
from tests import factories
from ui import times

KEY = "k" * 32


@pytest.fixture
def member(tenant: Tenant) -> Member:
    return factories.make_member(tenant, "김민준", "01012345678")


def at(member: Member, path: str) -> str:
    return f"/t/{member.tenant.slug}/members/{path}"


def rows(model: Any, member: Member) -> list[Any]:
    with scope(tenant=member.tenant):
        return list(model.objects.order_by("pk"))


def test_open_hold_and_refund_from_the_card(as_owner: Client, member: Member) -> None:
    add = at(member, f"{member.pk}/passes/add/")
    data = {"starts_on": "2026-11-28", "name": "10회권", "sessions": "10", "price_won": "100000", "key": KEY}
    assert as_owner.get(add).status_code == 200
    for _twice in range(2):
        assert as_owner.post(add, data).status_code == 302
    (one,) = rows(Pass, member)
    assert "10회 남음" in as_owner.get(at(member, f"{member.pk}/")).content.decode()

    page = as_owner.get(at(member, f"passes/{one.pk}/refund/")).content.decode()
    assert "90,000원" in page and "위약금" in page
    part = as_owner.get(at(member, f"passes/{one.pk}/refund/?quote=1&percent=0")).content.decode()
    assert "100,000원" in part and "<html" not in part
    steps = as_owner.get(at(member, f"passes/{one.pk}/refund/?quote=1&rule=academy")).content.decode()
    assert "학원법 시행령 별표 4" in steps and "위약금 (" not in steps
    refused = as_owner.post(at(member, f"passes/{one.pk}/refund/"), {"won": "100001", "rule": "academy", "key": KEY})
    assert refused.status_code == 422
    assert "학원법 시행령 별표 4" in refused.content.decode()  # the calculation is that of the rule that is chosen
    for _twice in range(2):  # the second press finds it done
        assert as_owner.post(at(member, f"passes/{one.pk}/refund/"), {"won": "90000", "key": KEY}).status_code == 302
    assert rows(Pass, member)[0].closed_as == "refunded"
    assert as_owner.get(at(member, f"passes/{one.pk}/refund/")).status_code == 409  # a stale page


def test_htmx_answers_with_the_panel_or_the_dialog(as_owner: Client, member: Member) -> None:
    one = factories.make_pass(member.tenant, member, days=30)
    url = at(member, f"passes/{one.pk}/hold/")
    htmx: Any = {"HTTP_HX_REQUEST": "true"}
    wrong = as_owner.post(url, {"from_on": "2001-01-01", "key": KEY}, **htmx)
    right = as_owner.post(url, {"from_on": f"{one.starts_on}", "key": KEY}, **htmx)

    assert wrong.status_code == 422 and "<dialog" in wrong.content.decode()
    assert right["HX-Retarget"] == "#passes" and "홀딩 중" in right.content.decode()


def test_give_needs_a_member_of_ours(as_owner: Client, member: Member, neighbour: Tenant) -> None:
    one, stranger = factories.make_pass(member.tenant, member), factories.make_member(neighbour, "이웃")
    url = at(member, f"passes/{one.pk}/give/")

    assert as_owner.post(url, {"to": stranger.pk, "key": KEY}).status_code == 422
    assert "찾아 골라" in as_owner.post(url, {"key": KEY}).content.decode()
    other = factories.make_member(member.tenant, "박서연", "01011112222")
    found = as_owner.get(at(member, "pick/?q=박서")).content.decode()
    assert "박서연" in found and "01011112222" not in found
    assert as_owner.post(url, {"to": other.pk, "key": KEY}).status_code == 302


def test_types_page(as_owner: Client, member: Member) -> None:
    url = at(member, "passes/types/")
    assert (
        as_owner.post(
            url,
            {
                "name": "3개월권",
                "months": "3",
                "price_won": "240000",
                "penalty_percent": "10",
                "refund_rule": "academy",
            },
        ).status_code
        == 302
    )
    assert as_owner.post(url, {"name": "빈 것", "penalty_percent": "10"}).status_code == 422
    (kind,) = rows(PassType, member)
    page = as_owner.get(url).content.decode()
    assert "3개월권" in page and "240,000원" in page
    assert as_owner.post(at(member, f"passes/types/{kind.pk}/retire/")).status_code == 302
    assert "아직 파는 이용권이 없어요" in as_owner.get(url).content.decode()


def test_visits_of_a_day(as_owner: Client, member: Member) -> None:
    factories.make_pass(member.tenant, member)
    url = at(member, f"{member.pk}/visit/")
    assert "어느 이용권을 쓸까요" in as_owner.get(url).content.decode()
    for _twice in range(2):
        as_owner.post(url, {"key": KEY})
    page = as_owner.get(at(member, "visits/")).content.decode()
    assert "1번 왔어요" in page and "이제 9회" in page
    (visit,) = rows(Attendance, member)
    as_owner.post(at(member, f"visits/{visit.pk}/undo/"))
    assert rows(Pass, member)[0].sessions_left == 10
    assert as_owner.get(at(member, "visits/?on=nonsense")).status_code == 200


def test_a_visit_of_a_day_that_has_passed(as_owner: Client, member: Member) -> None:
    yesterday = times.today() - timedelta(days=1)
    one = factories.make_pass(member.tenant, member, days=30, starts_on=yesterday)
    factories.make_pass(member.tenant, member, days=3)  # ends first, but had not begun
    found = as_owner.get(at(member, f"visits/pick/?q=김민준&on={yesterday}")).content.decode()
    url = at(member, f"{member.pk}/visit/?on={yesterday}")
    assert url in found and "온 것으로 적어요" in as_owner.get(url).content.decode()
    as_owner.post(url, {"key": KEY})

    (visit,) = rows(Attendance, member)
    assert (visit.on, visit.used_id) == (yesterday, one.pk)
    again = as_owner.post(url, {"key": "another" + KEY}, follow=True).content.decode()
    assert "그날 출석은 이미 적혀 있어요" in again and len(rows(Attendance, member)) == 1

    long_ago = times.today() - timedelta(days=400)
    assert "출석 적을 회원 찾기" not in as_owner.get(at(member, f"visits/?on={long_ago}")).content.decode()
    assert "1년이 넘은 날" in as_owner.post(at(member, f"{member.pk}/visit/?on={long_ago}"), {}).content.decode()


def test_a_waiver_is_taken_back_and_a_due_of_nothing_is_not_paid(as_owner: Client, member: Member) -> None:
    due = factories.make_due(member.tenant, member)
    as_owner.post(at(member, f"dues/{due.pk}/waive/"), {"won": "50000", "note": "형제", "key": KEY})
    assert "감면 되돌리기" in as_owner.get(at(member, f"{member.pk}/")).content.decode()
    as_owner.post(at(member, f"dues/{due.pk}/unwaive/"), {"won": "50000", "key": "u" * 32})
    assert rows(Due, member)[0].open_won == 50_000
    as_owner.post(at(member, f"dues/{due.pk}/correct/"), {"amount_won": "0", "note": "잘못 적음", "key": "v" * 32})
    panel = as_owner.get(at(member, f"{member.pk}/dues/")).content.decode()

    assert "받을 금액 없음" in panel and "냈어요" not in panel


def test_qr_page_is_a_picture_without_the_number(as_owner: Client, member: Member) -> None:
    page = as_owner.get(at(member, f"{member.pk}/qr/")).content.decode()

    assert "<svg" in page and member.phone not in page and "style=" not in page.split("<svg")[1]


def test_dues_of_a_month_and_a_payment_in_two_taps(as_owner: Client, member: Member) -> None:
    due = factories.make_due(member.tenant, member)
    unpaid = as_owner.get(at(member, "dues/unpaid/")).content.decode()
    assert "50,000원" in unpaid and "1일 지남" in unpaid and "01012345678" not in unpaid
    dialog = as_owner.get(at(member, f"{member.pk}/dues/pay/")).content.decode()
    assert 'value="50000"' in dialog
    paid = {"won": "50000", "method": "transfer", "on": f"{due.due_on}", "key": KEY}
    assert as_owner.post(at(member, f"{member.pk}/dues/pay/"), paid).status_code == 302
    assert as_owner.post(at(member, f"{member.pk}/dues/pay/"), paid).status_code == 302  # the second click
    assert rows(Due, member)[0].open_won == 0
    over = as_owner.post(at(member, f"dues/{due.pk}/pay/"), paid | {"key": "m" * 32})
    assert over.status_code == 422 and "남은 금액은 0원" in over.content.decode()
    month = as_owner.get(at(member, f"dues/?month={due.month:%Y-%m}")).content.decode()
    totals = as_owner.get(at(member, f"dues/totals/?month={due.month:%Y-%m}")).content.decode()
    assert "냈어요" in month and "50,000원" in totals
    assert as_owner.get(at(member, "dues/?month=x&plan=y&state=z&cursor=n.1")).status_code == 200


def test_plans_are_made_charged_and_ended(as_owner: Client, member: Member) -> None:
    group = factories.make_group(member.tenant, "초등부")
    factories.make_member(member.tenant, "박서연", "", group)
    url = at(member, "dues/plans/")
    data = {"group": group.pk, "name": "수강료", "amount_won": "120000", "due_day": "5",
            "starts_on": f"{times.today():%Y-%m}", "mid_month": "whole"}  # fmt: skip
    assert as_owner.post(url, data | {"due_day": "0"}).status_code == 422
    assert "이번 달부터" in as_owner.post(url, data | {"starts_on": "2026-01"}).content.decode()  # never charged
    assert as_owner.post(url, data).status_code == 302
    (plan,) = rows(DuePlan, member)
    assert "아직 만들지 않았어요" in as_owner.get(at(member, "dues/")).content.decode()
    for _twice in range(2):
        as_owner.post(at(member, f"dues/plans/{plan.pk}/charge/"))
    assert len(rows(Due, member)) == 1
    assert as_owner.post(at(member, f"dues/plans/{plan.pk}/"), data | {"amount_won": "130000"}).status_code == 302
    assert as_owner.post(at(member, f"dues/plans/{plan.pk}/end/")).status_code == 302


def test_a_group_with_dues_says_why_it_stays(as_owner: Client, api: Client, member: Member) -> None:
    group = factories.make_group(member.tenant, "초등부")
    with scope(tenant=member.tenant):
        plan = due_plans.create(tenant=member.tenant, by=None, group=group, name="수강료", amount_won=1_000, due_day=5)
    gone = as_owner.post(at(member, f"groups/{group.pk}/delete/"))
    assert gone.status_code == 409 and "회비를 먼저 그만둬" in gone.content.decode()
    assert api.delete(f"/api/v1/groups/{group.pk}").json()["error"]["code"] == "group_has_due_plan"
    as_owner.post(at(member, f"dues/plans/{plan.pk}/end/"))
    assert api.delete(f"/api/v1/groups/{group.pk}").status_code == 204
    assert as_owner.get(at(member, f"dues/plans/{plan.pk}/")).status_code == 200
    assert api.get(f"/api/v1/due-plans/{plan.pk}").json()["group"] is None


@pytest.mark.parametrize(
    "address",
    ["dues/?month=99999999999-1", "dues/?month=2026-13", "dues/?month=-1-1", "dues/?cursor=n.2026-01-01",
     "visits/?cursor=n.2026-01-01", "visits/?cursor=b.", "dues/unpaid/?cursor=n.5.7",
     "dues/unpaid/?cursor=n.2026-01-01.2026-01-01", "dues/unpaid/?cursor=n.2026-99-01.5"],
)  # fmt: skip
def test_odd_addresses_begin_the_list_anew(as_owner: Client, member: Member, address: str) -> None:
    factories.make_due(member.tenant, member)

    assert as_owner.get(at(member, address)).status_code == 200


def test_api_refuses_a_month_that_is_none(api: Client) -> None:
    assert api.get("/api/v1/dues?month=99999999999-1").status_code == 422


def test_a_reminder_needs_somebody_ticked(as_owner: Client, member: Member) -> None:
    factories.make_due(member.tenant, member)
    url = at(member, "dues/unpaid/remind/")

    assert as_owner.post(url, {"scope": "page"})["Location"].endswith("/dues/unpaid/")
    assert as_owner.post(url, {"scope": "all"})["Location"].endswith("about=unpaid")


def test_what_a_merged_member_had_stands_on_the_card_of_whom_it_is_now(
    as_owner: Client, api: Client, member: Member
) -> None:
    tenant, ids = member.tenant, [member.pk]
    due, one = factories.make_due(tenant, member), factories.make_pass(tenant, member, days=30)
    as_owner.post(at(member, f"{member.pk}/visit/"), {"key": KEY})
    for _twice in range(2):
        kept = factories.make_member(tenant, "김민준")
        with scope(tenant=tenant):
            uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=ids[-1])
        ids.append(kept.pk)

    card = at(member, f"{ids[-1]}/")
    assert f'href="{card}"' in as_owner.get(at(member, "visits/")).content.decode()
    assert f'href="{card}"' in as_owner.get(at(member, f"dues/?month={due.month:%Y-%m}")).content.decode()
    assert [row["id"] for row in api.get(f"/api/v1/passes?member={ids[-1]}").json()["results"]] == [one.pk]
    assert [row["id"] for row in api.get(f"/api/v1/dues?member={ids[-1]}").json()["results"]] == [due.pk]
    form = as_owner.get(at(member, f"{ids[-1]}/passes/add/?after={one.pk}")).context["form"]
    assert form.initial["starts_on"] > one.ends_on
    other = factories.make_member(tenant, "박서연")
    with scope(tenant=tenant):
        pass_ends.give(tenant=tenant, by=None, one=one, to=other, reference="g")
    assert f'href="{card}"' in as_owner.get(at(member, f"{other.pk}/")).content.decode()


def test_dues_of_a_merged_member_are_counted_where_it_is_behind(as_owner: Client, member: Member) -> None:
    kept = factories.make_member(member.tenant, "김민준")
    for one in (member, kept):
        factories.make_due(member.tenant, one)
    with scope(tenant=member.tenant):
        uniting.unite(tenant=member.tenant, by=None, kept=kept.pk, gone=member.pk)

    (row,) = as_owner.get(at(member, "dues/unpaid/")).context["page"].rows
    assert (row.member.pk, row.count) == (kept.pk, 2)


def test_pages_of_lists_go_on_and_back(as_owner: Client, tenant: Tenant) -> None:
    for n in range(35):
        factories.make_due(tenant, factories.make_member(tenant, f"회원{n:02d}"))
    first = as_owner.get(f"/t/{tenant.slug}/members/dues/unpaid/")
    second = as_owner.get(f"/t/{tenant.slug}/members/dues/unpaid/?cursor={first.context['page'].next}")
    back = as_owner.get(f"/t/{tenant.slug}/members/dues/unpaid/?cursor={second.context['page'].previous}")

    seen = [[row.member.pk for row in page.context["page"].rows] for page in (first, second, back)]
    assert len(seen[0]) == 30 and len(seen[1]) == 5 and seen[2] == seen[0] and not set(seen[0]) & set(seen[1])
