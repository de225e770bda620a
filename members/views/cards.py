"""One member: the card, the form, the trash."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import uploads
from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import phone, selectors
from members.birthdays import SOLAR
from members.contact_forms import extras
from members.dates import full_year
from members.forms import OWN, MemberForm
from members.models import Member
from members.note_forms import NoteForm
from members.selectors.card import answer
from members.selectors.own_fields import field as own_field
from members.services import fields as own
from members.services import members as services
from members.views.answers import blame, go, page, wants_part
from members.views.panels import shown_extras, standing
from ui import times
from ui.numbers import whole

TYPED_ENOUGH = 9  # shorter than any number: the person is still typing


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_detail(request: TenantRequest, pk: int) -> HttpResponse:
    """The card. Before a customer it is without memo, notes, own columns, family and whole numbers."""
    card = selectors.card(request.tenant, pk, request.user)
    context = {"card": card, "member": card.member, "answer": card.answer, "note_form": NoteForm()}
    panels = {"passes": card.passes, "dues": card.dues, "contacts": card.contacts, **standing(request, card.member)}
    return page(request, "members/detail.html", context | panels)


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_answer(request: TenantRequest, pk: int) -> HttpResponse:
    """The card's first line alone, after a deed on the card."""
    member = selectors.member(request.tenant, pk)
    if not wants_part(request):
        return go(request, "members:member-detail", pk)
    return page(request, "members/detail.html#answer", {"member": member, "answer": answer(member, times.today())})


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_add(request: TenantRequest) -> HttpResponse:
    form = _form(request, initial=_initial(request))
    if request.method == "POST" and _is_fine(request, form):
        try:
            given = form.values() | extras(request.POST, None)
            member = services.create(tenant=request.tenant, by=request.user, **given)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("%(name)s 회원을 넣었어요.") % {"name": member.name})
            if "again" in request.POST:
                return go(request, "members:member-add")
            return go(request, "members:member-detail", member.pk)
    return page(request, "members/form.html", _of_form(request, form), status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_edit(request: TenantRequest, pk: int) -> HttpResponse:
    member = selectors.member(request.tenant, pk)
    form = _form(request, member=member)
    if request.method == "POST" and _is_fine(request, form):
        try:
            given = form.values() | extras(request.POST, member)
            services.update(tenant=request.tenant, by=request.user, member=member, **given)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요."))
            return go(request, "members:member-detail", member.pk)
    return page(request, "members/form.html", _of_form(request, form, member), status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_trash(request: TenantRequest, pk: int) -> HttpResponse:
    member = selectors.member(request.tenant, pk)
    services.trash_one(tenant=request.tenant, by=request.user, member=member)
    messages.success(request, _("%(name)s 회원을 휴지통으로 옮겼어요.") % {"name": member.name})
    return go(request, "members:member-list")


@requires(Permission.MEMBER_VIEW)
@require_GET
def member_file(request: TenantRequest, pk: int, field: int) -> HttpResponse:
    """On to the file that the member has in a field, by a link that ends."""
    member, row = selectors.member(request.tenant, pk), own_field(request.tenant, field)
    held = selectors.held_files(request.tenant, [member], [row]).get((pk, str(member.fields.get(row.key))))
    if held is None:
        return go(request, "members:member-detail", member.pk)
    return redirect(uploads.link(held))


@requires(Permission.MEMBER_EDIT)
@require_POST
def duplicate_check(request: TenantRequest) -> HttpResponse:
    """What is to be known about a number while it is typed. Posted, because addresses never carry phones."""
    typed, name = request.POST.get("phone", ""), request.POST.get("name", "").replace("\x00", "")
    context: dict[str, Any] = {"typed": typed.strip()}
    but = request.POST.get("member", "")
    try:
        digits = phone.parse(typed)
    except phone.BadPhone as error:
        context["problem"] = str(error) if len(typed.strip()) >= TYPED_ENOUGH else ""
    else:
        context["unreachable"] = not phone.can_receive(digits)
        own = whole(but)
        context["found"] = selectors.duplicates(request.tenant, digits, name, but=own)
        context["alike"] = selectors.alike(request.tenant, digits, name, born=_born(request), but=own)
    return page(request, "members/form.html#phone-notes", context)


def _form(request: TenantRequest, member: Member | None = None, **kwargs: Any) -> MemberForm:
    is_post = request.method == "POST"
    if member is not None:
        kwargs.pop("initial", None)
    return MemberForm(
        request.POST if is_post else None,
        request.FILES if is_post else None,
        groups=selectors.group_list(request.tenant),
        own=list(selectors.fields(request.tenant)),
        member=member,
        **kwargs,
    )


def _is_fine(request: TenantRequest, form: MemberForm) -> bool:
    """Whether the form can be saved. Files are kept first, so that another field's mistake costs nobody a file."""
    fine = form.is_valid()
    for field in form.file_fields:
        name = f"{OWN}{field.pk}"
        if file := request.FILES.get(name):
            try:
                form.uploaded[field.pk] = own.keep_file(tenant=request.tenant, by=request.user, field=field, file=file)
            except Refusal as refusal:
                form.add_error(name, str(refusal))
                fine = False
        elif token := request.POST.get(f"{name}_kept", ""):
            upload = uploads.by_token(request.tenant, token)
            if upload is None:
                form.add_error(name, _("먼저 올린 파일을 더는 찾을 수 없어요. 파일을 다시 골라 주세요."))
                fine = False
            else:
                form.uploaded[field.pk] = upload
    return fine


def _of_form(request: TenantRequest, form: MemberForm, member: Member | None = None) -> dict[str, Any]:
    files = selectors.held_files(request.tenant, [member], form.file_fields) if member else {}
    names = {text: upload.name for (_pk, text), upload in files.items()}
    return {"form": form, "member": member, "files": names, **shown_extras(request, member)}


def _born(request: TenantRequest) -> date | None:
    """The solar day of birth as far as it is typed; lunar ones are not looked for."""
    if request.POST.get("birth_calendar", SOLAR) != SOLAR:
        return None
    parts = [request.POST.get(name, "").strip() for name in ("birth_year", "birth_month", "birth_day")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    year, month, day = map(int, parts)
    try:
        return date(full_year(year, times.today()), month, day)
    except ValueError:
        return None


def _initial(request: TenantRequest) -> dict[str, Any]:
    """A member added from a group's list starts in that group."""
    asked = whole(request.GET.get("group", ""))
    return {} if asked is None else {"groups": [asked]}
