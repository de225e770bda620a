"""보낸 문자 찾기: any text ever sent, by person, number, words, sender, result and day."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members.models import Member
from messaging import selectors
from messaging.forms import SearchForm
from messaging.models import Sender
from messaging.selectors.archive import Archive
from messaging.views import paging, rows
from messaging.views.answers import page, wants_part
from ui.numbers import whole


# POST: names, numbers and words that are looked for must not stand in an address. ?member=<id> may.
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MESSAGE_VIEW)
def message_search(request: TenantRequest) -> HttpResponse:
    senders = list(Sender.objects.order_by("-is_default", "id").values_list("number", flat=True))
    form = SearchForm(request.POST or None, senders=senders)
    member = _member(request)
    cursor = request.POST.get("cursor") or request.GET.get("cursor", "")
    wanted = _wanted(request, form)
    found: Any = None  # nothing asked, nothing listed
    if member:
        found = paging.by_id(selectors.history(request.tenant, member), cursor)
    elif wanted is not None:
        found = wanted.page(cursor)
    if found:
        rows.dress_messages(request.tenant, found.rows)
    context = {"form": form, "found": found, "member": member}
    part = "#results" if wants_part(request, "results") else ""
    return page(request, f"messaging/search.html{part}", context)


def _wanted(request: TenantRequest, form: SearchForm) -> Archive | None:
    """The search asked for, or None where nothing is asked."""
    if not form.is_bound or not form.is_valid():
        return None
    asked = {name: form.cleaned_data[name] for name in ("text", "sender", "state")} | form.moments() | form.whom()
    return selectors.search_messages(request.tenant, **asked) if any(asked.values()) else None


def _member(request: TenantRequest) -> Member | None:
    asked = whole(request.GET.get("member", ""))
    return get_object_or_404(Member, pk=asked) if asked else None
