"""Panels of the card about people and their standing: contacts, stage and tags, a number nobody has."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts import selectors as accounts
from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import selectors
from members.contact_forms import ContactForm, StageForm, contact_rows, posted_tags, roles
from members.enums import Stage
from members.models import Contact, Member
from members.selectors import contacts as contacts_of
from members.selectors import stages
from members.selectors.tags import member_tags
from members.services import contacts as contacting
from members.services import phones
from members.services import tags as tagging
from members.services.stages import change_stage
from members.views.answers import blame, go, page, wants_part


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_contacts(request: TenantRequest, pk: int) -> HttpResponse:
    """The panel; a POST adds a number."""
    member = selectors.member(request.tenant, pk)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contacting.add(tenant=request.tenant, by=request.user, member=member, **form.cleaned_data)
        except Refusal as refusal:
            _blame_phone(form, refusal)
        else:
            return _contacts(request, member)
    return _contacts(request, member, form=form)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def contact_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """The panel with one number open to be changed."""
    row = contacts_of.contact(request.tenant, pk)
    form = ContactForm(request.POST or None, initial={name: getattr(row, name) for name in contacting.CHANGEABLE})
    if request.method == "POST" and form.is_valid():
        try:
            contacting.change(tenant=request.tenant, by=request.user, contact=row, **form.cleaned_data)
        except Refusal as refusal:
            _blame_phone(form, refusal)
        else:
            return _contacts(request, row.member)
    return _contacts(request, row.member, form=form, opened=row)


@requires(Permission.MEMBER_EDIT)
@require_POST
def contact_remove(request: TenantRequest, pk: int) -> HttpResponse:
    row = contacts_of.contact(request.tenant, pk)
    contacting.remove(tenant=request.tenant, by=request.user, contact=row)
    return _contacts(request, row.member)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_stage(request: TenantRequest, pk: int) -> HttpResponse:
    """The panel of stage and tags; a POST is a step to another stage."""
    member = selectors.member(request.tenant, pk)
    form = StageForm(request.POST or None, initial={"source": member.source})
    if request.method == "POST" and form.is_valid():
        one = selectors.members_by_id(request.tenant, [member.pk])
        try:
            change_stage(tenant=request.tenant, by=request.user, members=one, **form.step())
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return _standing(request, selectors.member(request.tenant, pk))
    return _standing(request, member, stage_form=form)


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_tags_save(request: TenantRequest, pk: int) -> HttpResponse:
    """One tag more (`add`) or less (`remove`), or exactly those named (`tags`)."""
    member, post = selectors.member(request.tenant, pk), request.POST
    problem = ""
    try:
        if (names := posted_tags(post)) is not None:
            tagging.set_tags(tenant=request.tenant, by=request.user, member=member, names=names)
        else:
            one = selectors.members_by_id(request.tenant, [member.pk])
            add, remove = ([post[name]] if post.get(name, "").strip() else [] for name in ("add", "remove"))
            tagging.tag_many(tenant=request.tenant, by=request.user, members=one, add=add, remove=remove)
    except Refusal as refusal:
        problem = str(refusal)
    return _standing(request, member, tag_problem=problem)


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_alive(request: TenantRequest, pk: int) -> HttpResponse:
    """The number is right after all: counting its failures begins anew."""
    member = selectors.member(request.tenant, pk)
    phones.believe(tenant=request.tenant, by=request.user, member=member)
    messages.success(request, _("번호를 그대로 써요. 다시 세 번 돌아오면 알려 드릴게요."))
    return go(request, "members:member-detail", member.pk)


def _contacts(
    request: TenantRequest, member: Member, *, form: ContactForm | None = None, opened: Contact | None = None
) -> HttpResponse:
    if not wants_part(request) and not (form and form.errors):
        return go(request, "members:member-detail", member.pk)
    found = contacts_of.member_contacts(request.tenant, member)
    failed = bool(form and form.errors)
    context: dict[str, Any] = {"member": member, "contacts": found, "contact_form": form, "opened": opened}
    context["adding"] = form is not None and opened is None and (failed or "add" in request.GET)
    return page(request, "members/card_contacts.html", context, status=422 if failed else 200)


def _standing(request: TenantRequest, member: Member, **extra: Any) -> HttpResponse:
    form = extra.get("stage_form")
    failed = bool((form and form.errors) or extra.get("tag_problem"))
    if not wants_part(request) and not failed:
        return go(request, "members:member-detail", member.pk)
    context = standing(request, member) | {"oob": wants_part(request)} | extra
    answer = page(request, "members/card_stage.html", context, status=422 if failed else 200)
    return answer if failed else trigger_client_event(answer, "stream")


def standing(request: TenantRequest, member: Member) -> dict[str, Any]:
    """What the panel of stage and tags shows."""
    return {
        "member": member,
        "next_stages": stages.following(member.stage),
        "member_tags": member_tags(request.tenant, member),
        "all_tags": accounts.tags(request.tenant),
    }


def shown_extras(request: TenantRequest, member: Member | None) -> dict[str, Any]:
    """What the member's form shows beside the member's own columns: as typed, or as it is."""
    typed = request.POST if request.method == "POST" else None
    stage = (member.stage if member else request.GET.get("stage", "")) or Stage.ACTIVE
    names = [carried.tag.name for carried in member.member_tags.all()] if member else []
    return {
        "contact_rows": contact_rows(typed, member),
        "contact_roles": roles(),
        "stages": Stage.choices,
        "stage_now": typed.get("stage", stage) if typed else stage,
        "source_now": typed.get("source", "") if typed else member.source if member else "",
        "tags_now": typed.get("tags", "") if typed else ", ".join(sorted(names)),
    }


def _blame_phone(form: ContactForm, refusal: Refusal) -> None:
    form.add_error("phone" if "contacts" in refusal.fields else None, str(refusal))
