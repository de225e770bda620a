"""One text from draft to result, through the real sandbox."""

from typing import Any

from accounts.models import Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState
from messaging.services import compose
from tests import factories
from tests.messaging.driving import run_pipeline

NOTHING = dict.fromkeys(("queued", "sending", "unknown", "no_result", "rejected", "expired", "cancelled"), 0)


def test_journey_of_a_group(shop: Tenant, aligo: Any) -> None:
    group = factories.make_group(shop)
    names = ["김민준", "이서연", "박도윤", "최하은"]
    for n, name in enumerate(names):
        factories.make_member(shop, name, f"0101234{n:04d}", group)  # 0000 wrong, 0001 gone, 0002 never answers
    draft = Draft(to=Audience(groups=[group.pk]), text="#{이름}님, 내일 수업 있어요.")

    dispatch = compose.submit(tenant=shop, by=None, draft=draft)
    run_pipeline(shop)

    dispatch.refresh_from_db()
    counts = selectors.counts(dispatch)
    assert counts == NOTHING | {"total": 4, "accepted": 1, "delivered": 1, "failed": 2, "excluded": 0}
    texts = {row["receiver"]: row["text"] for row in aligo.sent("shop")}
    assert texts == {f"0101234{n:04d}": f"{name}님, 내일 수업 있어요." for n, name in enumerate(names)}
    by_phone = {m.phone: (m.effective_state, m.effective_reason) for m in selectors.messages(dispatch)}
    assert by_phone == {
        "01012340000": ("failed", "bad_number"),
        "01012340001": ("failed", "no_subscriber"),
        "01012340002": ("accepted", ""),
        "01012340003": ("delivered", ""),
    }
    assert dispatch.state == DispatchState.SENDING
