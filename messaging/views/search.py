"""보낸 문자 찾기: any text ever sent, by person, number, words, sender, result and day."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members.models import Member
from messaging import selectors
from messaging.forms import SearchForm
from messaging.models import Message, Sender
from messaging.views import paging, rows
from messaging.views.answers import page, wants_part, whole


# POST: names, numbers and words that are looked for must not stand in an address. ?member=<id> may.
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MESSAGE_VIEW)
def message_search(request: TenantRequest) -> HttpResponse:
    senders = list(Sender.objects.order_by("-is_default", "id").values_list("number", flat=True))
    form = SearchForm(request.POST or None, senders=senders)
    member = _member(request)
    wanted = selectors.history(request.tenant, member) if member else _wanted(request, form)
    cursor = request.POST.get("cursor") or request.GET.get("cursor", "")
    # Nothing asked, nothing listed: the last texts of a quiet tenant lie deep among everybody's.
    found = paging.by_id(wanted, cursor) if wanted is not None else paging.Slice([])
    rows.dress_messages(request.tenant, found.rows)
    context = {"form": form, "found": found, "member": member, "searching": wanted is not None}
    part = "#results" if wants_part(request, "results") else ""
    return page(request, f"messaging/search.html{part}", context)


def _wanted(request: TenantRequest, form: SearchForm) -> QuerySet[Message] | None:
    """The texts asked for, or None where nothing is asked."""
    if not form.is_bound or not form.is_valid():
        return None
    asked = {name: form.cleaned_data[name] for name in ("text", "sender", "state")} | form.moments() | form.whom()
    return selectors.search_messages(request.tenant, **asked) if any(asked.values()) else None


def _member(request: TenantRequest) -> Member | None:
    asked = whole(request.GET.get("member", ""))
    return get_object_or_404(Member, pk=asked) if asked else None
