"""A scheduled text says a field's old name; the field is renamed before it leaves; people get their values."""

from typing import Any

import pytest

from accounts.models import Tenant
from members.models import Field
from members.services import fields, members
from messaging.drafting import Audience, Draft
from messaging.exceptions import UnknownField
from messaging.models import Message
from messaging.services import compose, prepare


def test_scheduled_dispatch_outlives_a_rename(shop: Tenant, later: Any) -> None:
    who: dict[str, Any] = {"tenant": shop, "by": None}
    member = members.create(**who, name="김민준", phone="01011112222", fields={"반": "3반"})
    draft = Draft(to=Audience(members=[member.pk]), text="#{이름}님 #{반} 안내", send_at=later)
    dispatch = compose.submit(**who, draft=draft)

    fields.update(**who, field=Field.objects.get(), name="클래스")
    type(dispatch).objects.filter(pk=dispatch.pk).update(state="preparing")
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert list(Message.objects.values_list("text", flat=True)) == ["김민준님 3반 안내"]


def test_a_kept_text_with_the_old_name_is_no_mistake(shop: Tenant) -> None:
    who: dict[str, Any] = {"tenant": shop, "by": None}
    member = members.create(**who, name="김민준", phone="01011112222", fields={"반": "3반"})
    fields.update(**who, field=Field.objects.get(), name="클래스")

    compose.submit(**who, draft=Draft(to=Audience(members=[member.pk]), text="#{반} 안내"))
    with pytest.raises(UnknownField):
        compose.submit(**who, draft=Draft(to=Audience(members=[member.pk]), text="#{없는 칸} 안내"))
