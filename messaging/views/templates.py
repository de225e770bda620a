"""Kept texts: the list, the form, and picking or keeping one while a text is written."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from messaging import ads, selectors
from messaging.models import Template
from messaging.selectors import templates as reading
from messaging.services import policies
from messaging.services import templates as services
from messaging.template_forms import TemplateForm
from messaging.text import REPLACEMENTS, parse
from messaging.views.answers import go, page, wants_part

PICKED = 50


@require_safe
@requires(Permission.MESSAGE_VIEW)
@customer_safe
def template_list(request: TenantRequest) -> HttpResponse:
    """All kept texts, or those found."""
    search = request.GET.get("search", "")[:100]
    rows = _dressed(list(reading.templates(request.tenant, search)))
    part = "#results" if wants_part(request, "results") else ""
    return page(request, f"messaging/templates.html{part}", {"rows": rows, "search": search})


@require_http_methods(["GET", "POST"])
@requires(Permission.MESSAGE_SEND)
def template_add(request: TenantRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.MESSAGE_SEND)
def template_edit(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit(request, reading.template(request.tenant, pk))


@require_POST
@requires(Permission.MESSAGE_SEND)
def template_delete(request: TenantRequest, pk: int) -> HttpResponse:
    row = reading.template(request.tenant, pk)
    services.delete(tenant=request.tenant, by=request.user, template=row)
    messages.success(request, _("‘%(name)s’ 문구를 지웠어요.") % {"name": row.name})
    return go(request, "messaging:template-list")


@require_safe
@requires(Permission.MESSAGE_SEND)
@customer_safe
def template_pick(request: TenantRequest) -> HttpResponse:
    """The kept texts inside the dialog of the compose page; a press puts one into the text."""
    search = request.GET.get("search", "")[:100]
    rows = list(reading.templates(request.tenant, search)[: PICKED + 1])
    context = {"rows": _dressed(rows[:PICKED]), "search": search, "more": len(rows) > PICKED}
    return page(request, "messaging/template_pick.html", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def template_keep(request: TenantRequest) -> HttpResponse:
    """Keep what stands on the compose page under a name."""
    given = request.POST
    values = {"name": given.get("template_name", ""), "text": given.get("text", ""), "title": given.get("title", "")}
    context: dict[str, Any] = {}
    try:
        context["kept"] = services.create(tenant=request.tenant, by=request.user, ad="ad" in given, **values)
    except Refusal as refusal:
        context["problem"] = str(refusal)
    return page(request, "messaging/template_pick.html#kept", context)


def _edit(request: TenantRequest, row: Template | None) -> HttpResponse:
    first = {name: getattr(row, name) for name in ("name", "title", "text", "ad")} if row else {}
    form = TemplateForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
        try:
            if row is None:
                services.create(**who, **form.cleaned_data)
            else:
                services.update(**who, template=row, **form.cleaned_data)
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("문구를 저장했어요."))
            return go(request, "messaging:template-list")
    return page(request, "messaging/template_form.html", _form_context(request, form, row), status=_status(form))


def _form_context(request: TenantRequest, form: TemplateForm, row: Template | None) -> dict[str, Any]:
    """What compose.js needs to count and to preview as on the compose page."""
    names = selectors.merge_fields(request.tenant)
    return {
        "form": form,
        "row": row,
        "fields": names,
        "fields_json": json.dumps(names, ensure_ascii=False),
        "replacements_json": json.dumps(dict(REPLACEMENTS), ensure_ascii=False),
        "blocks": ads.blocks(policies.of(request.tenant), request.tenant.name),
        "sample_code": ads.SAMPLE_CODE,
    }


def _status(form: TemplateForm) -> int:
    return 422 if form.errors else 200


def _blame(form: TemplateForm, refusal: Refusal) -> None:
    placed = [name for name in refusal.fields if name in form.fields]
    for name in placed:
        for sentence in refusal.fields[name]:
            form.add_error(name, str(sentence))
    if not placed:
        form.add_error(None, str(refusal))


def _dressed(rows: list[Template]) -> list[Template]:
    """Each with `bytes`, of what is written and not merged, and `kind`."""
    for row in rows:
        row.bytes = parse(row.text).fixed  # type: ignore[attr-defined]
        row.kind = "LMS" if row.title or row.bytes > 90 else "SMS"  # type: ignore[attr-defined]
    return rows
