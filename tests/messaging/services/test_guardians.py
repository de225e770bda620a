"""Texts to guardians: one a phone with the children's names joined, and as careful as any other text."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from members.enums import ConsentKind
from members.models import Consent, Contact, DeadPhone, Member
from messaging import selectors
from messaging.drafting import Audience, Draft, Except
from messaging.enums import BatchState, DispatchState, OptOutScope, Via
from messaging.models import Dispatch, Excluded, Joined, Message, OptOut
from messaging.selectors import audience as people
from messaging.selectors.compose_page import people_to_preview
from messaging.services import compose, deliver, prepare
from tests import factories
from tests.messaging.driving import Killed, run_pipeline
from ui import times

MUM, DAD, HERS = "01011110001", "01011110002", "01011110009"


@pytest.fixture
def child(shop: Tenant) -> Any:
    def make(name: str, phone: str = "", *groups: Any, mother: str = "", father: str = "", **fields: Any) -> Member:
        member = factories.make_member(shop, name, phone or f"0109{len(name):03d}{Member.objects.count():04d}", *groups)
        if fields:
            Member.objects.filter(pk=member.pk).update(**fields)
        for role, number in (("mother", mother), ("father", father)):
            if number:
                Contact.objects.create(tenant=shop, member=member, role=role, phone=number)
        return member

    return make


def draft(via: str = Via.MOTHER, text: str = "#{이름} 학생 안내", **fields: Any) -> Draft:
    to = fields.pop("to", None) or Audience(all=True, via=via)
    return Draft(**{"to": to, "text": text, **fields})


def submit(tenant: Tenant, *args: Any, **fields: Any) -> Dispatch:
    return compose.submit(tenant=tenant, by=None, draft=draft(*args, **fields))


def told(tenant: Tenant) -> dict[str, str]:
    return {m.phone: m.full_text for m in selectors.with_state(Message.objects.filter(tenant=tenant))}


def left() -> Counter[tuple[str, str]]:
    return Counter(Excluded.objects.values_list("name", "reason"))


def test_siblings_are_one_text_with_their_names_joined(shop: Tenant, child: Any) -> None:
    kids = [child("지우", mother=MUM), child("서연", HERS), child("지호", mother=MUM)]
    dispatch = submit(shop)
    run_pipeline(shop)

    assert told(shop) == {MUM: "지우, 지호 학생 안내", HERS: "서연 학생 안내"}
    message = Message.objects.get(phone=MUM)
    assert (message.member_id, message.name) == (kids[0].pk, "지우, 지호")
    assert list(Joined.objects.values_list("member_id", "phone")) == [(kids[2].pk, MUM)]
    assert left() == Counter()
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.total, dispatch.via) == (DispatchState.FINISHED, 2, "mother")
    for kid in (kids[0], kids[2]):
        assert [m.phone for m in selectors.history(shop, kid)] == [MUM]


def test_names_stand_in_the_order_of_the_audience(shop: Tenant, child: Any) -> None:
    kids = [child(name, mother=MUM) for name in ("가", "나", "다")]
    to = Audience(members=[kids[2].pk, kids[0].pk], all=True, via=Via.MOTHER)
    assert compose.preview(tenant=shop, draft=draft(to=to))[0].text == "다, 가, 나 학생 안내"
    assert people_to_preview(shop, to, text="#{이름} 안내")[0].name == "다, 가, 나"


def test_a_child_without_such_a_contact_gets_it_and_the_quote_says_so(shop: Tenant, child: Any) -> None:
    child("지우", mother=MUM)
    child("서연", HERS, father=DAD)
    child("하늘", HERS)  # shares the number with 서연
    Contact.objects.create(tenant=shop, member=child("별", "01077770000"), role="mother", phone="0312223333")

    quote = compose.quote(tenant=shop, draft=draft())
    assert (quote.recipients, quote.own_number) == (3, 3)
    assert "own_number" in dict(quote.notices)
    submit(shop)
    run_pipeline(shop)
    assert told(shop) == {
        MUM: "지우 학생 안내", HERS: "서연, 하늘 학생 안내", "01077770000": "별 학생 안내"
    }  # fmt: skip


def test_who_gets_none_is_not_said_to_get_it_at_the_own_number(shop: Tenant, child: Any) -> None:
    child("서연", HERS)
    child("거절", "01077770001")
    child("유선", "0312223333")
    OptOut.objects.create(tenant=shop, phone="01077770001", scope=OptOutScope.ALL, at=times.now())

    assert compose.quote(tenant=shop, draft=draft()).own_number == 1


@pytest.mark.parametrize(
    ("via", "phones"),
    [
        (Via.MOTHER, {MUM}), (Via.FATHER, {DAD}), (Via.BOTH, {MUM, DAD}),
        (Via.GUARDIANS, {DAD, "01011110003"}), (Via.PAYER, {"01011110004"}),
    ],
)  # fmt: skip
def test_whose_number_it_is(shop: Tenant, child: Any, via: str, phones: set[str]) -> None:
    kid = child("지우", mother=MUM, father=DAD)
    Contact.objects.filter(role="mother").update(gets_notices=False)
    for role, phone, notices in (("guardian", "01011110003", True), ("payer", "01011110004", False)):
        Contact.objects.create(tenant=shop, member=kid, role=role, phone=phone, gets_notices=notices)
    submit(shop, via)
    run_pipeline(shop)
    assert set(told(shop)) == phones


def test_without_a_payer_dues_go_to_whoever_gets_them(shop: Tenant, child: Any) -> None:
    child("지우", mother=MUM, father=DAD)
    Contact.objects.filter(role="father").update(gets_dues=False)
    submit(shop, Via.PAYER)
    run_pipeline(shop)
    assert set(told(shop)) == {MUM}


def test_children_told_apart_by_the_text_follow_the_rule_of_shared_phones(shop: Tenant, child: Any) -> None:
    for name, room in (("지우", "사자반"), ("지호", "곰반"), ("지아", "사자반")):
        child(name, mother=MUM, fields={"반": room})
    factories_field(shop)
    submit(shop, text="#{이름} #{반} 안내")
    run_pipeline(shop)
    assert told(shop) == {MUM: "지우, 지아 사자반 안내"}
    assert left() == Counter({("지호", "duplicate"): 1})


def test_a_text_each_follows_to_each_guardian(shop: Tenant, child: Any) -> None:
    for name in ("지우", "지호"):
        child(name, mother=MUM, father=DAD)
    asked = draft(Via.BOTH, each=True, each_reason="자녀별 성적")
    quote = compose.quote(tenant=shop, draft=asked)
    compose.submit(tenant=shop, by=None, draft=asked)
    run_pipeline(shop)

    texts = Counter((m.phone, m.full_text) for m in selectors.with_state(Message.objects.all()))
    assert texts == Counter({(p, f"{n} 학생 안내"): 1 for p in (MUM, DAD) for n in ("지우", "지호")})
    assert quote.recipients == 4
    assert quote.excluded == {}
    assert Dispatch.objects.count() == 2


EACH: dict[str, Any] = {"each": True, "each_reason": "자녀별 성적"}


@pytest.mark.parametrize("left", [{"phones": [(DAD, "")]}, {"dead": True}, {"recent_days": 7}])
def test_a_number_that_was_left_out_gets_no_text_of_a_siblings_own(shop: Tenant, child: Any, left: Any) -> None:
    kids = [child(name, mother=MUM, father=DAD) for name in ("지우", "지호", "지아")]
    DeadPhone.objects.create(tenant=shop, phone=DAD, failed_count=3, last_failed_at=times.now(), flagged_at=times.now())
    before = submit(shop, to=Audience(members=[kids[0].pk], via=Via.FATHER))
    run_pipeline(shop)
    to = Audience(all=True, via=Via.BOTH, except_=Except(**left))

    first = submit(shop, to=to, **EACH)
    run_pipeline(shop)

    sent = Message.objects.exclude(dispatch=before)
    assert Counter(sent.values_list("phone", flat=True)) == Counter({MUM: 3})
    assert first.others.count() == 2


def test_who_paid_before_the_siblings_own_text_gets_none(shop: Tenant, child: Any) -> None:
    owes = {"unpaid_won": 9, "unpaid_since": times.today()}
    kids = [child(name, mother=MUM, **owes) for name in ("지우", "지호", "지아")]
    first = submit(shop, to=Audience(all=True, via=Via.MOTHER, unpaid=True), **EACH)
    prepare.prepare(tenant=shop, dispatch_id=first.pk)
    Member.objects.filter(pk=kids[1].pk).update(unpaid_won=0, unpaid_since=None)
    run_pipeline(shop)

    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == ["지우 학생 안내", "지아 학생 안내"]
    assert set(Dispatch.objects.values_list("unpaid", flat=True)) == {True}


def factories_field(tenant: Tenant) -> None:
    from members.models import Field

    Field.objects.create(tenant=tenant, name="반")


def test_exclusions_take_the_child_and_leave_the_sibling(shop: Tenant, child: Any) -> None:
    out, stays, also = child("지우", mother=MUM), child("지호", mother=MUM), child("별", mother=DAD)
    OptOut.objects.create(tenant=shop, phone=DAD, scope=OptOutScope.ALL, at=times.now())
    to = Audience(all=True, via=Via.MOTHER, except_=Except(members=[out.pk]))
    submit(shop, to=to)
    run_pipeline(shop)
    assert told(shop) == {MUM: "지호 학생 안내"}
    assert Message.objects.get().member_id == stays.pk
    assert left() == Counter({("지우", "excepted"): 1, (also.name, "opted_out"): 1})


def test_a_refusal_of_the_childs_own_number_is_not_the_mothers(shop: Tenant, child: Any) -> None:
    child("지우", "01055550000", mother=MUM)
    OptOut.objects.create(tenant=shop, phone="01055550000", scope=OptOutScope.ALL, at=times.now())
    submit(shop)
    run_pipeline(shop)
    assert set(told(shop)) == {MUM}


@pytest.fixture
def day(clock: Any) -> Any:
    return clock("14:00")


def test_an_ad_names_only_children_who_agreed_and_nobody_refused(shop: Tenant, child: Any, day: Any) -> None:
    at = times.now()
    child("지우", mother=MUM, ad_consent_at=at)
    child("지호", mother=MUM)
    child("하늘", mother=DAD, ad_consent_at=at)
    refusing = child("바다", mother=DAD)
    Consent.objects.create(tenant=shop, member=refusing, kind=ConsentKind.AD, given=False, source="전화", at=at)

    quote = compose.quote(tenant=shop, draft=draft(ad=True))
    assert (quote.recipients, quote.excluded) == (1, {"no_consent": 1, "opted_out": 2})
    submit(shop, ad=True)
    run_pipeline(shop)
    assert list(told(shop)) == [MUM]
    assert "지우 학생 안내" in told(shop)[MUM] and "지호" not in told(shop)[MUM]


def test_a_child_who_takes_it_back_before_it_leaves_stops_the_ad(shop: Tenant, child: Any, day: Any) -> None:
    at = times.now()
    for name, mother in (("지우", MUM), ("지호", MUM), ("하늘", DAD), ("바다", DAD)):
        child(name, mother=mother, ad_consent_at=at)
    dispatch = submit(shop, ad=True)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name="지호").update(ad_consent_at=None)
    Member.objects.filter(name="하늘").update(deleted_at=times.now())
    run_pipeline(shop)
    assert dict(Message.objects.values_list("phone", "reason")) == {MUM: "no_consent", DAD: ""}
    sent = selectors.with_state(Message.objects.filter(phone=DAD)).get()
    assert sent.effective_state in {"accepted", "delivered"}


def test_a_text_goes_as_long_as_one_of_its_children_is_there(shop: Tenant, child: Any) -> None:
    for name, mother in (("지우", MUM), ("지호", MUM), ("하늘", DAD), ("바다", DAD), ("별", HERS)):
        child(name, mother=mother)
    dispatch = submit(shop)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name__in=["지우", "하늘", "바다", "별"]).update(deleted_at=times.now())
    while deliver.send_next(tenant=shop, small=True):
        pass
    states = dict(Message.objects.values_list("phone", "reason"))
    assert states == {MUM: "", DAD: "gone", HERS: "gone"}
    assert dispatch.batches.filter(state=BatchState.ACCEPTED).exists()


OWES: dict[str, Any] = {"unpaid_won": 9, "unpaid_since": times.today()}


@pytest.mark.parametrize(
    ("out", "said"),
    [(["지우"], "지호, 지아"), (["지호"], "지우, 지아"), (["지우", "지아"], "지호"), (["지아"], "지우, 지호")],
)
@pytest.mark.parametrize("why", [{"deleted_at": times.now()}, {"unpaid_won": 0, "unpaid_since": None}])
def test_a_child_who_is_out_is_not_named_either(
    shop: Tenant, child: Any, aligo: Any, out: list[str], said: str, why: dict[str, Any]
) -> None:
    for name in ("지우", "지호", "지아"):
        child(name, mother=HERS, **OWES)
    dispatch = submit(shop, to=Audience(all=True, via=Via.MOTHER, unpaid=True))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name__in=out).update(**why)
    aligo.fault("sender_removed")  # the claim's own words must stand a second try
    run_pipeline(shop)
    assert compose.resume(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == [f"{said} 학생 안내"]
    message = Message.objects.get()
    assert (message.text, message.name, message.reason) == (f"{said} 학생 안내", said, "")


def test_names_that_are_not_found_in_the_text_stop_it(shop: Tenant, child: Any, aligo: Any) -> None:
    for name in ("지우" * 10, "지호" * 10):  # together longer than the names that are kept of a message
        child(name, mother=HERS, **OWES)
    dispatch = submit(shop, to=Audience(all=True, via=Via.MOTHER, unpaid=True))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name="지우" * 10).update(name="지유", unpaid_won=0, unpaid_since=None)
    run_pipeline(shop)

    assert aligo.sent() == []
    assert Message.objects.get().reason == "paid"


@pytest.mark.parametrize("mended", ["지우", "지유"])
def test_a_name_mended_meanwhile_stops_no_text_that_is_still_for_a_child(
    shop: Tenant, child: Any, aligo: Any, mended: str
) -> None:
    for name in ("지우", "지호"):
        child(name, mother=HERS)
    dispatch = submit(shop)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name="지우").update(name=mended)
    Member.objects.filter(name="지호").update(deleted_at=times.now())
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == [f"{mended} 학생 안내"]


def test_children_who_leave_before_one_try_and_the_next_are_not_named(shop: Tenant, child: Any, aligo: Any) -> None:
    for name in ("지우", "지호", "지아"):
        child(name, mother=HERS)
    dispatch = submit(shop)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(name="지아").update(deleted_at=times.now())
    aligo.fault("sender_removed")
    run_pipeline(shop)
    Member.objects.filter(name="지호").update(deleted_at=times.now())
    assert compose.resume(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == ["지우 학생 안내"]


def test_a_text_that_names_nobody_goes_as_it_is(shop: Tenant, child: Any, aligo: Any) -> None:
    kids = [child(name, mother=HERS) for name in ("지우", "지호")]
    dispatch = submit(shop, text="#{휴대폰} 안내")
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(pk=kids[0].pk).update(deleted_at=times.now())
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == [f"{HERS} 안내"]


def test_a_reminder_is_dropped_when_all_children_have_paid(shop: Tenant, child: Any, aligo: Any) -> None:
    for name in ("지우", "지호"):
        child(name, mother=HERS, **OWES)
    dispatch = submit(shop, to=Audience(all=True, via=Via.MOTHER, unpaid=True))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.update(unpaid_won=0, unpaid_since=None)
    run_pipeline(shop)

    assert aligo.sent() == []
    assert Message.objects.get().reason == "paid"


def unite(gone: Member, kept: Member) -> None:
    """As uniting leaves them: the contacts are the kept one's."""
    Contact.objects.filter(member=gone).update(member=kept)
    Member.objects.filter(pk=gone.pk).update(merged_into=kept, deleted_at=times.now())


@pytest.mark.parametrize("prepared", [False, True])
def test_a_named_child_that_was_merged_is_told_as_the_one_who_is_left(
    shop: Tenant, child: Any, aligo: Any, prepared: bool
) -> None:
    gone, kept = child("김지우", mother=HERS), child("지우")
    sibling = child("지호", mother=HERS)
    dispatch = submit(shop, to=Audience(members=[gone.pk, sibling.pk], via=Via.MOTHER))
    if prepared:
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    unite(gone, kept)
    run_pipeline(shop)

    named = "김지우, 지호" if prepared else "지우, 지호"
    assert [row["text"] for row in aligo.sent()] == [f"{named} 학생 안내"]
    assert left() == Counter()


def test_two_children_of_a_text_who_became_one_are_named_once(shop: Tenant, child: Any, aligo: Any) -> None:
    gone, kept = child("김지우", mother=HERS), child("지우", mother=HERS)
    dispatch = submit(shop)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    Member.objects.filter(pk=gone.pk).update(merged_into=kept, deleted_at=times.now())
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == ["지우 학생 안내"]


def test_a_resend_goes_to_the_guardian_it_failed_for(shop: Tenant, child: Any, aligo: Any) -> None:
    for name in ("지우", "지호"):
        child(name, mother=MUM, father=DAD)
    dispatch = submit(shop, Via.BOTH)
    run_pipeline(shop)
    Message.objects.filter(phone=MUM).update(state="failed", reason="other")

    compose.resend(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)
    again = Message.objects.exclude(dispatch=dispatch)
    assert [(m.phone, m.name) for m in again] == [(MUM, "지우, 지호")]
    # Newcomers: a sibling whose mother was told is none, another child is.
    child("지아", mother=MUM)
    child("하늘", mother="01011110077")
    fresh = compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")
    run_pipeline(shop)
    assert list(fresh.messages.values_list("phone", flat=True)) == ["01011110077"]


def test_a_resend_leaves_out_the_guardian_who_was_left_out(shop: Tenant, child: Any) -> None:
    child("지우", mother=MUM, father=DAD)
    dispatch = submit(shop, to=Audience(all=True, via=Via.BOTH, except_=Except(phones=[(DAD, "")])))
    run_pipeline(shop)
    Message.objects.filter(phone=MUM).update(state="failed", reason="other")

    again = compose.resend(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)

    assert list(again.messages.values_list("phone", flat=True)) == [MUM]


def test_a_long_list_of_names_is_kept_short_and_told_whole(shop: Tenant, child: Any) -> None:
    names = [f"{letter}{'나' * 19}" for letter in "가다라"]
    for name in names:
        child(name, mother=MUM)
    submit(shop, text="#{이름} 안내")
    run_pipeline(shop)
    assert told(shop) == {MUM: ", ".join(names) + " 안내"}
    assert Message.objects.get().name == ", ".join(names)[:40]


@pytest.fixture
def roster(shop: Tenant) -> list[Any]:
    """Ninety children with guardians of all kinds, shared and own numbers, refusals and consents."""
    dice, at = Random(11), times.now()
    phones = [*[f"0102000{n:04d}" for n in range(30)], "0237891234", ""]
    groups = [factories.make_group(shop, name) for name in ("오전", "오후")]
    for n in range(90):
        inside = [group for group in groups if dice.random() < 0.5]
        agreed = at if dice.random() < 0.6 else None
        one = factories.make_member(
            shop, f"아이{n}", "", *inside, ad_consent_at=agreed, night_consent_at=agreed if n % 2 else None,
            deleted_at=at if n % 19 == 0 else None,
        )  # fmt: skip
        Member.objects.filter(pk=one.pk).update(phone=dice.choice(phones))
        if agreed is None and n % 5 == 0:
            Consent.objects.create(tenant=shop, member=one, kind=ConsentKind.AD, given=False, source="화면", at=at)
        for role in dice.sample(["mother", "father", "guardian", "payer", "self"], k=dice.randrange(4)):
            Contact.objects.create(
                tenant=shop, member=one, role=role, phone=dice.choice(phones[:-1]),
                gets_notices=dice.random() < 0.7, gets_dues=dice.random() < 0.7,
            )  # fmt: skip
    for phone in phones[:3]:
        OptOut.objects.create(tenant=shop, phone=phone, scope=dice.choice(OptOutScope.values), at=at)
    return groups


def audiences(groups: list[Any]) -> list[Audience]:
    ids = list(Member.objects.order_by("-pk").values_list("pk", flat=True))
    return [
        Audience(all=True),
        Audience(groups=[groups[0].pk]),
        Audience(members=ids[::3]),
        Audience(members=ids[:20], groups=[groups[1].pk], phones=[("01020000005", "손님"), ("01088889999", "")]),
        Audience(all=True, except_=Except(members=ids[:9], groups=[groups[0].pk], phones=[("01020000007", "")])),
    ]


@pytest.mark.parametrize("ad", [False, True], ids=["plain", "ad"])
@pytest.mark.parametrize("via", Via.values)
def test_quote_count_and_prepared_texts_agree(
    shop: Tenant, roster: list[Any], via: str, ad: bool, day: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "CHUNK", 7)
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 7))
    for to in audiences(roster):
        to.via = via
        asked = draft(to=to, text="#{이름} 님", ad=ad)
        quote = compose.quote(tenant=shop, draft=asked)
        dispatch = compose.submit(tenant=shop, by=None, draft=asked)
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
        dispatch.refresh_from_db()
        rows = list(dispatch.messages.values_list("phone", "name", "member_id"))
        excluded = Counter(Excluded.objects.filter(dispatch=dispatch).values_list("reason", flat=True))

        assert len({row[0] for row in rows}) == len(rows) == quote.recipients == dispatch.total
        assert dict(excluded) == quote.excluded
        assert selectors.reach(shop, to, ad=ad) == quote.recipients
        types = Counter(m.type for m in selectors.with_state(dispatch.messages.all()))
        assert dict(types) == quote.types
        everybody = {row[2] for row in rows} | set(
            Joined.objects.filter(dispatch=dispatch).values_list("member_id", flat=True)
        )
        assert everybody - {None} <= set(Member.objects.filter(deleted_at=None).values_list("pk", flat=True))


def test_a_killed_worker_goes_on_from_its_phone(
    shop: Tenant, roster: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 7))
    whole = submit(shop, Via.GUARDIANS)
    prepare.prepare(tenant=shop, dispatch_id=whole.pk)
    other = submit(shop, Via.GUARDIANS)
    step, real = [0], prepare._store

    def dies(*args: Any) -> Any:
        step[0] += 1
        if step[0] % 2 == 0:
            raise Killed
        return real(*args)

    monkeypatch.setattr(prepare, "_store", dies)
    for _try in range(60):
        Dispatch.objects.filter(pk=other.pk).update(lease_until=None)
        try:
            if not prepare.prepare(tenant=shop, dispatch_id=other.pk):
                break
        except Killed:
            continue
        break
    same = [list(d.messages.order_by("phone").values_list("phone", "name", "member_id")) for d in (whole, other)]
    assert same[0] == same[1]
    assert step[0] > 4


def test_dead_numbers_are_said_and_left_out_by_choice(shop: Tenant, child: Any) -> None:
    from members.services.phones import heard

    child("지우", mother=MUM)
    child("별", HERS)
    heard(tenant=shop, failed=[MUM] * 3)
    quote = compose.quote(tenant=shop, draft=draft())
    assert (quote.recipients, quote.dead_number) == (2, 1)
    assert "dead_number" in dict(quote.notices)
    to = Audience(all=True, via=Via.MOTHER, except_=Except(dead=True))
    without = compose.quote(tenant=shop, draft=draft(to=to))
    assert (without.recipients, without.dead_number, without.excluded) == (1, 0, {"excepted": 1})
    assert Audience.from_json(to.to_json()) == to


def test_api_asks_whose_number(shop: Tenant, child: Any, api: Client) -> None:
    for name in ("지우", "지호"):
        child(name, mother=MUM)
    body = {"to": {"all": True, "via": "mother"}, "text": "#{이름} 안내"}
    quote = api.post("/api/v1/dispatches/quote", body, content_type="application/json").json()
    assert (quote["recipients"], quote["own_number"]) == (1, 0)
    made = api.post("/api/v1/dispatches", body, content_type="application/json")
    assert (made.status_code, made.json()["via"]) == (201, "mother")
    own = {"to": {"all": True, "via": "self"}, "text": "안내"}
    assert api.post("/api/v1/dispatches", own, content_type="application/json").json()["via"] == "self"
    wrong = {"to": {"all": True, "via": "aunt"}, "text": "안내"}
    assert api.post("/api/v1/dispatches/quote", wrong, content_type="application/json").status_code == 422
