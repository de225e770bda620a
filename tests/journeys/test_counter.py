"""A day at the counter: a shop takes its trade's preset, writes down a call, texts with a kept text, and turns the
screen to a customer."""

from typing import Any

from django.test import Client
from django_scopes import scope

from accounts.models import Staff, Tenant
from members.models import Field, Member, Note
from messaging.models import Template
from tests import factories

HTMX = {"HX-Request": "true"}


def test_from_preset_to_a_customer_at_the_counter(tenant: Tenant, owner: Staff, as_owner: Client) -> None:
    base = "/t/hanbit/members/"
    factories.make_sender(tenant)

    # 1. The trade's preset brings fields, groups and texts.
    assert as_owner.post(f"{base}presets/gym/take/").status_code == 302
    with scope(tenant=tenant):
        locker = Field.objects.get(name="락커 번호")
        welcome = Template.objects.get(name="락커 사용 안내")

    # 2. Somebody registers, with a memo for the staff.
    as_owner.post(
        f"{base}add/",
        {"name": "김하늘", "phone": "010-9876-5678", "memo": "환불 문의가 잦음", f"own_{locker.pk}": "17"},
    )
    with scope(tenant=tenant):
        member = Member.objects.get()
    card = f"{base}{member.pk}/"

    # 3. The card answers at once; a call and a pinned note are written down.
    shown = as_owner.get(card).content.decode()
    assert "쓰고 있는 이용권이 없어요" in shown and "17" in shown
    call = {"kind": "call", "direction": "in", "text": "주차를 물어봄", "key": "a" * 20}
    for _ in range(2):  # pressed twice
        as_owner.post(f"{card}notes/", call, headers=HTMX)
    as_owner.post(f"{card}notes/", {"kind": "note", "text": "왼쪽 무릎 조심", "pinned": "on"}, headers=HTMX)
    with scope(tenant=tenant):
        assert Note.objects.count() == 2
    assert "왼쪽 무릎 조심" in as_owner.get(card).content.decode()
    stream = as_owner.get(f"{card}timeline/", headers=HTMX).content.decode()
    assert stream.index("왼쪽 무릎 조심") < stream.index("주차를 물어봄") < stream.index("회원을 넣었어요")

    # 4. A kept text is picked for this member and merges their locker.
    compose = as_owner.get(f"/t/hanbit/messages/new/?member={member.pk}&template={welcome.pk}").content.decode()
    assert "락커는 #{락커 번호" in compose and "김하늘" in compose
    asked: dict[str, Any] = {"members": [member.pk], "text": welcome.text}
    assert "17 번이에요" in as_owner.post("/t/hanbit/messages/new/confirm/", asked).content.decode()

    # 5. A customer stands at the counter: the same card without what is not theirs to see.
    as_owner.post("/facing/", {"on": "1", "next": card})
    facing = as_owner.get(card).content.decode() + as_owner.get(f"{card}timeline/", headers=HTMX).content.decode()
    for secret in ("환불 문의가 잦음", "왼쪽 무릎 조심", "주차를 물어봄", "9876"):
        assert secret not in facing
    as_owner.post("/facing/", {"on": "0", "next": card})
    assert "환불 문의가 잦음" in as_owner.get(card).content.decode()

    # 6. The preset goes again; what is used stays.
    as_owner.post(f"{base}presets/gym/remove/")
    with scope(tenant=tenant):
        assert list(Field.objects.values_list("name", flat=True)) == ["락커 번호"]
        assert not Template.objects.exists()
