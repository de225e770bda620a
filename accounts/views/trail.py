"""The audit trail as a page: who did what, newest first."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import audit_words as words
from accounts import selectors
from accounts.audit_links import links
from accounts.models import Staff
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from ui.numbers import whole

ROWS = 50


@requires(Permission.AUDIT_VIEW)
def trail(request: TenantRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in words.SUBJECTS else ""
    by, before = whole(request.GET.get("by")), whole(request.GET.get("cursor"))
    events = list(selectors.events(request.tenant, kind=kind, by=by, before=before)[: ROWS + 1])
    shown = events[:ROWS]
    urls = links(shown, request.staff)
    context = {
        "rows": [
            (event, words.sentence(event), words.subject(event), urls.get(event.subject, ""), words.details(event))
            for event in shown
        ],
        "following": str(shown[-1].pk) if len(events) > ROWS else "",
        "kinds": words.SUBJECTS.items(),
        "people": Staff.objects.filter(tenant=request.tenant).select_related("user").order_by("id")[:200],
        "kind": kind,
        "by": by,
        "is_first": before is None,
    }
    bare = request.htmx and not request.htmx.history_restore_request
    response = render(request, "accounts/trail.html#results" if bare else "accounts/trail.html", context)
    response["Vary"] = "HX-Request"
    return response
