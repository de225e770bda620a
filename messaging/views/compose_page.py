"""What the compose page is made of: what stands in it at first, after typing, and once more after a refusal."""

import json
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.exceptions import Refusal
from accounts.models import Tenant
from accounts.requests import TenantRequest
from members.models import Group, Member
from members.selectors.contacts import has_contacts
from members.selectors.merged import kept_of
from messaging import ads, selectors
from messaging.drafting import Audience, Phone
from messaging.drafting import Draft as Text
from messaging.enums import Via
from messaging.exceptions import StaleSchedule
from messaging.forms import ComposeForm, kept
from messaging.models import Dispatch, Message, Sender
from messaging.selectors import templates
from messaging.selectors.compose_page import people_to_preview
from messaging.services import compose as composing
from messaging.services import drafts, policies
from messaging.text import REPLACEMENTS
from messaging.views import compose_audience, quotes, rows, words
from messaging.views.answers import page
from ui import phones, times
from ui.numbers import whole, wholes

PREFILL_MAX = 2_000
STAND_IN = "-"
RECENT = 3


def show(request: TenantRequest, data: dict[str, Any], *, key: str, status: int = 200, **extra: Any) -> HttpResponse:
    account = selectors.balance(request.tenant)
    senders: list[Any] = list(Sender.objects.filter(deleted_at=None).order_by("-is_default", "id"))
    chosen = data.get("sender") or next((s.number for s in senders), "")
    for sender in senders:
        sender.chosen = sender.number == chosen
    errors = extra.pop("errors", {})
    edited = edited_in(data)
    names, groups = selectors.merge_fields(request.tenant), _groups(data)
    context = {
        "data": data,
        "key": key,
        "edit_gone": words.edit_gone(edited) if edited else "",
        "errors": errors,
        "except_errors": errors.get("to.except", []),
        "when_errors": [e for name in ("date", "time", "send_at") for e in errors.get(name, [])],
        "until_errors": [e for name in ("until_date", "until_time", "expires_at") for e in errors.get(name, [])],
        "groups": groups,
        # Whom they held nobody knows any more: sending says so until a person takes them off.
        "gone_groups": [n for n in wholes(data.get("except_groups") or ()) if n not in {g.pk for g in groups}],
        "people": _people(request.tenant, data.get("members")),
        "excepted": _people(request.tenant, data.get("except_members")),
        "senders": senders,
        "peer": phones.format_phone(chosen) or request.tenant.name,
        "fields": names,
        "fields_json": json.dumps(selectors.known_fields(request.tenant), ensure_ascii=False),
        "blocks": ads.blocks(policies.of(request.tenant), request.tenant.name),
        "sample_code": ads.SAMPLE_CODE,
        "vias": _vias(request.tenant, data),
        **compose_audience.offered(request.tenant, data),
        "replacements_json": json.dumps(dict(REPLACEMENTS), ensure_ascii=False),
        "samples_json": "[]",
        "send_label": _("보내기"),
        "test_phones": phones.format_phone(request.tenant.phone) if request.tenant.phone.startswith("01") else "",
        "today": times.today(),
        "is_sandbox": account is None or not account.is_live,
    }
    return page(request, "messaging/compose.html", context | extra, status=status)


def again(request: TenantRequest, form: ComposeForm, refusal: Refusal | None, key: str) -> HttpResponse:
    """The page once more with everything as typed, kept too, and what to mend."""
    typed = kept(request.POST)
    if isinstance(refusal, StaleSchedule) and (edited := edited_in(typed)):
        typed["seen"] = composing.version(edited)  # told now: pressing once more replaces what somebody else wrote
    drafts.save(tenant=request.tenant, by=request.user, key=key, data=typed)
    errors = {name: [str(e) for e in found] for name, found in form.errors.items()}
    for name, sentences in (refusal.fields if refusal else {}).items():
        errors.setdefault(name, []).extend(str(s) for s in sentences)
    return show(request, typed, key=key, refusal=refusal, errors=errors, status=422)


def quoted(request: TenantRequest, draft: Text) -> dict[str, Any]:
    # People are picked before a word is written: a stand-in keeps them from counting as "empty text" meanwhile.
    counted = draft if draft.text.strip() else replace(draft, text=STAND_IN)
    edited = whole(request.POST.get("edit", "")) or None
    quote = composing.quote(tenant=request.tenant, draft=counted, instead_of=edited)
    account = selectors.balance(request.tenant)
    context = quotes.context(quote, draft)
    return context | {
        "samples_json": _samples(request, draft),
        "is_sandbox": account is None or not account.is_live,
        "recent": _recent(request, draft.to),
    }


def _recent(request: TenantRequest, to: Audience) -> list[Message]:
    """The last texts to the one person being written to, so that nobody is told the same thing twice."""
    if request.facing or len(to.members) != 1 or to.has_roster or to.phones:
        return []
    member = Member.objects.filter(pk=to.members[0], deleted_at=None).first()
    found = list(selectors.history(request.tenant, member)[:RECENT]) if member else []
    rows.dress_messages(request.tenant, found)
    return found


def _samples(request: TenantRequest, draft: Text) -> str:
    """Real people as compose.js reads them: names and masked numbers, with the values of their merge fields."""
    if request.facing:  # the values of other people's fields
        return "[]"
    found = people_to_preview(request.tenant, draft.to, ad=draft.ad, text=draft.text)
    known = [
        {"id": p.member, "label": f"{p.name} {phones.mask_phone(p.phone)}".strip(), "name": p.name, "fields": p.fields}
        for p in found
    ]
    return json.dumps(known, ensure_ascii=False)


def prefilled(request: TenantRequest) -> dict[str, Any] | None:
    """What the address asks to begin with; people and groups of another tenant are not found."""
    asked = request.GET
    if copied := whole(asked.get("copy", "")):
        return _copied(get_object_or_404(Dispatch, pk=copied))
    begun: dict[str, Any] = {}
    if kept_text := whole(asked.get("template", "")):
        row = templates.template(request.tenant, kept_text)
        begun = {"text": row.text, "title": row.title, "ad": row.ad}
    members = [n for word in (asked.get("members", ""), asked.get("member", "")) for n in wholes(word.split(","))]
    groups = [str(n) for n in wholes(asked.getlist("group"))]
    segments = [str(n) for n in wholes(asked.getlist("segment"))]
    if asked.get("about") == "unpaid":
        return _about_unpaid(members)
    everybody = asked.get("all") == "1"
    if not members and not groups and not segments and not everybody and not begun:
        return None
    known = Member.objects.filter(pk__in=members[:PREFILL_MAX], deleted_at=None)
    people = [str(pk) for pk in known.values_list("pk", flat=True)]
    return {"members": people, "groups": groups, "segments": segments, "all": everybody, **begun}


# Not translated with the page: who reads it is the member.
POLITE_REMINDER = (
    "#{이름}님, 안녕하세요. #{업체}입니다.\n회비 #{미납}원이 아직 확인되지 않아 조심스럽게 알려 드려요."
    "\n이미 내셨다면 이 문자는 그냥 넘겨 주세요. 고맙습니다."
)


def _about_unpaid(members: list[int]) -> dict[str, Any]:
    """A polite reminder to those named, or to everybody who is behind; the address carries no amount and no number."""
    known = Member.objects.filter(pk__in=members[:PREFILL_MAX], deleted_at=None)
    ids = [str(pk) for pk in known.values_list("pk", flat=True)]
    return {"members": ids, "all": not members, "unpaid": True, "text": POLITE_REMINDER}


def _copied(dispatch: Dispatch) -> dict[str, Any]:
    to = Audience.from_json(dispatch.audience)
    return {
        "text": dispatch.text,
        "title": dispatch.title,
        "ad": dispatch.ad,
        "sender": dispatch.sender,
        "name": dispatch.name,
        "all": to.all,
        "unpaid": to.unpaid,
        "groups": [str(n) for n in to.groups],
        "members": [str(n) for n in to.members],
        "via": to.via,
        **compose_audience.typed(to),
        "except_dead": to.except_.dead,
        "each": bool(dispatch.each_reason),
        "each_reason": dispatch.each_reason,
        "except_members": [str(n) for n in to.except_.members],
        "except_groups": [str(n) for n in to.except_.groups],
        "except_phones": _pasted(to.except_.phones),
        "phones": _pasted(to.phones),
    }


def _pasted(phones: list[Phone]) -> str:
    return "\n".join(f"{name} {phone}".strip() for phone, name in phones)


def taken_back(dispatch: Dispatch) -> dict[str, Any]:
    """A dispatch that has not left, as its page was typed: nothing of it is lost."""
    if dispatch.expires_at is None:
        return _copied(dispatch)
    until = times.seoul(dispatch.expires_at)
    when = {"until": True, "until_date": until.strftime("%Y-%m-%d"), "until_time": until.strftime("%H:%M")}
    return _copied(dispatch) | when


def editing(dispatch: Dispatch) -> dict[str, Any]:
    """A scheduled dispatch as the page's own: sending the page changes it."""
    at = times.seoul(dispatch.send_at or times.now())
    when = {"later": True, "date": at.strftime("%Y-%m-%d"), "time": at.strftime("%H:%M")}
    return taken_back(dispatch) | when | {"edit": str(dispatch.pk), "seen": composing.version(dispatch)}


def edited_in(typed: Any) -> Dispatch | None:
    """The scheduled dispatch that this page was opened to change."""
    pk = whole(typed.get("edit") or "")
    return get_object_or_404(Dispatch, pk=pk) if pk else None


def default_sender() -> str:
    """The number that a text comes from where nobody chose one."""
    return (
        Sender.objects.filter(deleted_at=None).order_by("-is_default", "pk").values_list("number", flat=True).first()
        or ""
    )


def _vias(tenant: Tenant, data: dict[str, Any]) -> list[tuple[str, Any]]:
    """Whose numbers the text may go to; nothing to choose where nobody has any but the own one."""
    if not (data.get("via") or has_contacts(tenant)):
        return []
    return [("", _("회원 본인")), *Via.choices]


def _groups(data: dict[str, Any]) -> list[Any]:
    picked, excepted = ({str(n) for n in data.get(name) or ()} for name in ("groups", "except_groups"))
    groups: list[Any] = list(Group.objects.order_by("position", "id"))
    for group in groups:
        group.chosen, group.excepted = str(group.pk) in picked, str(group.pk) in excepted
    return groups


def _people(tenant: Tenant, ids: list[Any] | None) -> list[Member]:
    """The chosen members in the order of choosing: of merged ones who is left; who was deleted is gone."""
    wanted = wholes(ids or ())
    kept = kept_of(tenant, wanted) if wanted else {}
    wanted = list(dict.fromkeys(kept.get(pk, pk) for pk in wanted))
    known = Member.objects.filter(pk__in=wanted, deleted_at=None).only("pk", "name", "phone").in_bulk()
    return [known[pk] for pk in wanted if pk in known]
