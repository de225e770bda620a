"""A new tenant's first text: sandbox account, sender, people, text, results, and the one that failed sent again."""

from typing import Any

from accounts.enums import Role
from accounts.models import AuditEvent, Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState
from messaging.services import accounts, compose, senders
from tests import factories
from tests.messaging.driving import results_due, run_pipeline
from tests.messaging.services.conftest import aligo  # noqa: F401


def test_first_text_from_an_empty_tenant_to_results(tenant: Tenant, in_tenant: Tenant, aligo: Any) -> None:  # noqa: F811
    by = factories.make_staff(tenant, Role.OWNER).user
    accounts.open_sandbox(tenant=tenant, by=by)
    senders.add(tenant=tenant, by=by, number="02-789-0123")
    group = factories.make_group(tenant, "월수금반")
    for name, phone in [("김민준", "01055550003"), ("이서연", "01055550004"), ("박도윤", "01055550001")]:
        factories.make_member(tenant, name, phone, group)
    draft = Draft(to=Audience(groups=[group.pk]), text="#{이름}님, 내일은 쉬어요. 모레 만나요.")

    quote = compose.quote(tenant=tenant, draft=draft)
    assert (quote.recipients, quote.types, quote.enough) == (3, {"SMS": 3}, True)
    assert [code for code, _sentence in quote.notices] == ["sandbox"]

    dispatch = compose.submit(tenant=tenant, by=by, draft=draft, key="page-1")
    run_pipeline(tenant, collect=False)
    assert selectors.counts(dispatch)["accepted"] == 3
    results_due(tenant)
    run_pipeline(tenant)

    dispatch.refresh_from_db()
    counts = selectors.counts(dispatch)
    assert (dispatch.state, counts["delivered"], counts["failed"]) == (DispatchState.FINISHED, 2, 1)
    (failed,) = selectors.messages(dispatch, "failed")
    assert selectors.failure_words(failed.effective_reason)[0] == "지금은 쓰이지 않는 번호예요."

    again = compose.resend(tenant=tenant, by=by, dispatch=dispatch)
    run_pipeline(tenant)
    again.refresh_from_db()
    assert (again.resend_of, selectors.counts(again)["total"]) == (dispatch, 1)
    kinds = set(AuditEvent.objects.values_list("kind", flat=True))
    assert {"aligo.sandbox_opened", "sender.added", "dispatch.submitted"} <= kinds
    inbox = {row["receiver"]: row["text"] for row in aligo.sent(f"sandbox-{tenant.pk}")}
    assert inbox["01055550003"] == "김민준님, 내일은 쉬어요. 모레 만나요."


def test_first_text_stays_true_when_the_tenant_goes_live_meanwhile(
    tenant: Tenant,
    in_tenant: Tenant,
    aligo: Any,  # noqa: F811
) -> None:
    accounts.open_sandbox(tenant=tenant, by=None)
    senders.add(tenant=tenant, by=None, number="02-3789-0123")
    draft = Draft(to=Audience(phones=[("01055550003", "")]), text="연습 문자")
    practice = compose.submit(tenant=tenant, by=None, draft=draft)
    run_pipeline(tenant, collect=False)

    accounts.connect(tenant=tenant, by=None, user_id="shop", api_key="k" * 32)
    real = compose.submit(tenant=tenant, by=None, draft=draft)
    run_pipeline(tenant, collect=False)
    results_due(tenant)
    run_pipeline(tenant)

    assert [selectors.counts(d)["delivered"] for d in (practice, real)] == [1, 1]
    assert aligo.summary("shop")["messages"] == aligo.summary(f"sandbox-{tenant.pk}")["messages"] == 1
