"""What is kept of texts to members who were erased: that, when and at what price one was sent, and nobody's number.

The law wants the record of sending kept (docs/security.md), not the person in it: the number becomes the row's own id,
the text goes. A text that is still under way keeps its number until its result is known; members ask again daily.
"""

import json
from collections.abc import Collection

from django.db import connection
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Tenant
from members.services.erasing import ERASED_NAME
from messaging.enums import DispatchState
from messaging.models import Excluded, Message

CLOSED = (DispatchState.FINISHED, DispatchState.CANCELLED)


def forget(tenant: Tenant, ids: Collection[int]) -> None:
    """Take the person out of the texts to these members."""
    theirs = Message.objects.filter(tenant=tenant, member_id__in=list(ids)).exclude(phone__startswith="#")
    closed = theirs.filter(~Q(state="") | Q(dispatch__state__in=CLOSED))
    own = Concat(Value("#"), Cast(F("pk"), CharField()))
    Message.objects.filter(pk__in=closed.values("pk")).update(name=ERASED_NAME, text="", phone=own)
    Excluded.objects.filter(tenant=tenant, member_id__in=list(ids)).update(name=ERASED_NAME, phone="")


def texted(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of the members that a text was written to."""
    listed = "jsonb_array_elements_text(%s::jsonb) v" if connection.vendor == "postgresql" else "json_each(%s) v"
    with connection.cursor() as cursor:
        # A look at the index for each member, however many texts there are of one.
        cursor.execute(
            f"SELECT CAST(v.value AS bigint) FROM {listed} WHERE EXISTS (SELECT 1 FROM messaging_message m "
            "WHERE m.tenant_id = %s AND m.member_id = CAST(v.value AS bigint))",
            [json.dumps(list(ids)), tenant.pk],
        )
        return {row[0] for row in cursor.fetchall()}
