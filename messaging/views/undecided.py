"""확인이 필요한 문자: what was meant beside what Aligo's list shows, and a person's word on each."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from messaging.models import Batch
from messaging.selectors import promises, settling
from messaging.services import asking, reconcile
from messaging.views import words
from messaging.views.answers import attempt, go, page
from ui.numbers import whole

SHOWN = 30


@require_safe
@requires(Permission.MESSAGE_VIEW)
def undecided_list(request: TenantRequest) -> HttpResponse:
    found, searched = settling.undecided(request.tenant), settling.searched(request.tenant)
    waiting, looked_for = list(found[: SHOWN + 1]), list(searched[: SHOWN + 1])
    context = {
        "rows": _rows(waiting[:SHOWN]),
        "looked": request.GET.get("looked") == "1" and not request.htmx,
        "more": found.count() - SHOWN if len(waiting) > SHOWN else 0,
        "searched": [_titled(batch) for batch in looked_for[:SHOWN]],
        "searched_more": searched.count() - SHOWN if len(looked_for) > SHOWN else 0,
        "promise": promises.kept(request.tenant),
    }
    return page(request, "messaging/undecided.html", context)


@require_safe
@requires(Permission.MESSAGE_VIEW)
def undecided_people(request: TenantRequest, pk: int) -> HttpResponse:
    """Who is in a batch, as a fragment: asked for when somebody opens the list."""
    people = settling.receivers(get_object_or_404(Batch, pk=pk))
    return page(request, "messaging/undecided.html#people", {"people": people})


@require_POST
@requires(Permission.MESSAGE_SEND)
def undecided_decide(request: TenantRequest, pk: int) -> HttpResponse:
    """A person's word: it is this one of Aligo's list, it was sent, or it was not and goes out again."""
    batch = get_object_or_404(Batch, pk=pk)
    word = request.POST.get("word", "")
    chosen = request.POST.get("provider_id", "") if word == "this" else ""
    attempt_seen = whole(request.POST.get("attempt", ""))
    if word not in _DONE or attempt_seen is None or (word == "this" and chosen not in settling.ids_of(batch)):
        return go(request, "messaging:undecided-list")  # a page that is older than Aligo's list
    attempt(
        request,
        lambda: reconcile.decide(
            tenant=request.tenant,
            by=request.user,
            batch=batch,
            attempt=attempt_seen,
            sent=word != "again",
            provider_id=chosen,
        ),
        str(_DONE[word]()),
    )
    return go(request, "messaging:undecided-list")


_DONE = {
    "this": lambda: _("알리고의 그 문자로 정했어요. 곧 한 사람씩 결과가 보여요."),
    "sent": lambda: _("보낸 것으로 정했어요. 다시 보내지 않아요."),
    "again": lambda: _("보내지 않은 것으로 정했어요."),
}


@require_POST
@requires(Permission.MESSAGE_SEND)
def undecided_look(request: TenantRequest) -> HttpResponse:
    attempt(
        request,
        lambda: asking.look_now(tenant=request.tenant, by=request.user),
        _("알리고 목록을 다시 보고 있어요. 곧 이 화면이 바뀌어요."),
    )
    return redirect(tenant_url(request.tenant, "messaging:undecided-list") + "?looked=1")


def _rows(batches: list[Batch]) -> list[dict[str, Any]]:
    listed = settling.candidates(batches)
    return [
        _titled(batch) | {"candidates": listed.get(batch.pk, []), "ends": _ENDS[settling.stays(batch)]()}
        for batch in batches
    ]


def _titled(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "title": words.title(batch.dispatch),
        "text": batch.text or batch.sample,  # type: ignore[attr-defined]
        "differs": not batch.text and batch.open_count > 1,
    }


_ENDS = {
    "": lambda: "",
    "cancelled": lambda: _("취소한 발송이라 다시 보내지는 않아요."),
    "expired": lambda: _("유효 기한이 지나서 다시 보내지는 않아요."),
}
