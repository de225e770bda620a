"""Notes, calls and files of a member, and the stream they stand in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts import uploads
from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import selectors, timeline
from members.enums import NoteKind
from members.models import Member
from members.note_forms import NoteChangeForm, NoteForm
from members.selectors import notes as reading
from members.selectors.merged import ids_with
from members.services import notes as services
from members.views.answers import blame, go, page, wants_part

FACING_KINDS = set(timeline.CHIPS) - {"note", "call"}


def stream(request: TenantRequest, member: Member, ids: list[int]) -> dict[str, Any]:
    """A page of the stream and what its chips need; before a customer there are no notes and no calls in it."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in timeline.CHIPS else ""
    kinds = {kind} if kind else set()
    if request.facing:
        kinds = kinds & FACING_KINDS or FACING_KINDS
    before = request.GET.get("before", "")
    found = timeline.events(request.tenant, member, request.user, ids=ids, before=before, kinds=kinds)
    chips = [(k, label) for k, label in timeline.CHIPS.items() if not request.facing or k in FACING_KINDS]
    return {"member": member, "stream": found, "chips": chips, "kind": kind, "further": bool(before)}


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_timeline(request: TenantRequest, pk: int) -> HttpResponse:
    """The stream as a fragment of the card: its first page with the chips, or the next one."""
    member = selectors.member(request.tenant, pk)
    if not wants_part(request):
        return go(request, "members:member-detail", pk)
    context = stream(request, member, ids_with(request.tenant, member))
    return page(request, f"members/card_stream.html#{'events' if context['further'] else 'stream'}", context)


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_note(request: TenantRequest, pk: int) -> HttpResponse:
    """Write down a note, a call or a file."""
    member = selectors.member(request.tenant, pk)
    form = NoteForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            _write(request, member, form)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return _added(request, member)
    if not wants_part(request):
        for sentences in form.errors.values():
            messages.error(request, " ".join(map(str, sentences)))
        return go(request, "members:member-detail", pk)
    answer = page(request, "members/card_stream.html#composer", {"member": member, "note_form": form}, status=422)
    return retarget(reswap(answer, "outerHTML"), "#composer")


def _write(request: TenantRequest, member: Member, form: NoteForm) -> None:
    data = form.cleaned_data
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user, "member": member}
    more = {"text": data["text"], "is_private": data["private"], "form_key": data["key"]}
    if data["kind"] == NoteKind.CALL:
        services.log_call(**who, **more, direction=data["direction"], at=form.at())
    elif data["kind"] == NoteKind.FILE:
        services.attach(**who, **more, file=data["file"])
    else:
        services.add(**who, **more, is_pinned=data["pinned"])


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def note_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """A dialog for htmx, a page of its own without it."""
    note = reading.note(request.tenant, request.user, pk)
    member = reading.whose(request.tenant, note)
    form = NoteChangeForm(request.POST or None, note=note)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.change(
                tenant=request.tenant, by=request.user, note=note, text=data["text"], is_private=data["private"],
                direction=data.get("direction") or None, at=form.at(),
            )  # fmt: skip
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요."))
            return go(request, "members:member-detail", member.pk)
    template = "members/note_form.html#form" if wants_part(request) else "members/note_form.html"
    return page(request, template, {"note": note, "member": member, "form": form}, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_POST
def note_pin(request: TenantRequest, pk: int) -> HttpResponse:
    """To the top of the card (pinned=1) or back into the stream."""
    note = reading.note(request.tenant, request.user, pk)
    problem = ""
    try:
        services.pin(tenant=request.tenant, by=request.user, note=note, pinned=request.POST.get("pinned") == "1")
    except Refusal as refusal:
        problem = str(refusal)
    return _changed(request, reading.whose(request.tenant, note), problem)


@requires(Permission.MEMBER_EDIT)
@require_POST
def note_delete(request: TenantRequest, pk: int) -> HttpResponse:
    note = reading.note(request.tenant, request.user, pk)
    services.delete(tenant=request.tenant, by=request.user, note=note)
    return _changed(request, reading.whose(request.tenant, note))


@requires(Permission.MEMBER_VIEW)
@require_GET
def note_file(request: TenantRequest, pk: int) -> HttpResponse:
    """On to the file, by a link that ends."""
    note = reading.note(request.tenant, request.user, pk)
    if note.upload is None:
        return go(request, "members:member-detail", reading.whose(request.tenant, note).pk)
    return redirect(uploads.link(note.upload))


def _added(request: TenantRequest, member: Member) -> HttpResponse:
    """An empty composer, the first page of the stream and what is pinned; the card itself without htmx."""
    if not wants_part(request):
        return go(request, "members:member-detail", member.pk)
    return page(request, "members/card_stream.html#added", _fresh(request, member) | {"note_form": NoteForm()})


def _changed(request: TenantRequest, member: Member, problem: str = "") -> HttpResponse:
    """As `_added`, but for the composer: somebody may be typing there."""
    if not wants_part(request):
        if problem:
            messages.error(request, problem)
        return go(request, "members:member-detail", member.pk)
    answer = page(request, "members/card_stream.html#changed", _fresh(request, member))
    return trigger_client_event(answer, "refused", {"text": problem, "level": "error"}) if problem else answer


def _fresh(request: TenantRequest, member: Member) -> dict[str, Any]:
    ids = ids_with(request.tenant, member)
    return {"pinned": reading.pinned(request.tenant, ids, request.user), "oob": True, **stream(request, member, ids)}
