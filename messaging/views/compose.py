"""The compose page: what is typed is quoted, previewed and kept as one goes, and sent once."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from members import phone
from messaging import rules, selectors
from messaging.drafting import Draft as Text
from messaging.exceptions import NoRecipients
from messaging.forms import MAX_TESTS, ComposeForm, kept, people_in
from messaging.models import Dispatch, Draft
from messaging.services import compose as composing
from messaging.services import drafts
from messaging.views import quotes, words
from messaging.views.answers import go, page
from messaging.views.compose_page import again, default_sender, edited_in, editing, prefilled, quoted, show
from ui import phones, times
from ui.numbers import whole


@require_safe
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose(request: TenantRequest) -> HttpResponse:
    """The text that was being written, or a new one: ?member ?members=1,2 ?group ?copy ?edit ?new."""
    if request.facing:  # drafts and dispatches to be changed hold whole numbers
        asked = None if "copy" in request.GET else prefilled(request)
        return show(request, asked or {}, key=uuid.uuid4().hex)
    kept_ones = list(Draft.objects.filter(user=request.user).order_by("-updated_at", "-pk"))
    if edited := whole(request.GET.get("edit", "")):
        return _edit(request, get_object_or_404(Dispatch, pk=edited), kept_ones)
    begun = prefilled(request)
    draft = None if begun is not None or "new" in request.GET else _wanted_draft(request, kept_ones)
    rest = [d for d in kept_ones if d != draft and _says_something(d.data)]
    others: dict[str, Any] = {
        "other": next((d for d in rest if not d.data.get("edit")), None),
        "other_edit": next((d for d in rest if d.data.get("edit")), None),
    }
    if draft is not None:
        return show(request, draft.data, key=draft.key, restored_at=draft.updated_at, **others)
    return show(request, begun or {}, key=uuid.uuid4().hex, **others)


def _edit(request: TenantRequest, dispatch: Dispatch, kept_ones: list[Draft]) -> HttpResponse:
    """A scheduled dispatch to be changed, with what this person had begun to change."""
    begun = next((d for d in kept_ones if d.data.get("edit") == str(dispatch.pk)), None)
    if begun is not None:
        return show(request, begun.data, key=begun.key, restored_at=begun.updated_at)
    if gone := words.edit_gone(dispatch):
        messages.warning(request, gone)
        return go(request, "messaging:dispatch-detail", dispatch.pk)
    return show(request, editing(dispatch), key=uuid.uuid4().hex)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_quote(request: TenantRequest) -> HttpResponse:
    """Count, types and balance for the whole merged audience, with real people to preview with."""
    context = quoted(request, _draft(request))
    # Asked for just now by the quote: what stands in the sidebar must not say otherwise.
    context |= {"oob": True, "side_balance": words.balance(selectors.balance(request.tenant))}
    return page(request, "messaging/compose.html#answer", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_count(request: TenantRequest) -> HttpResponse:
    """How many people are picked so far, at once; the exact quote follows and replaces it."""
    draft = _draft(request)
    if draft.each:
        return HttpResponse(status=204)  # texts, not phones: only the quote can say
    if draft.to.is_empty:
        return HttpResponse()
    return HttpResponse(quotes.people_words(selectors.reach(request.tenant, draft.to, ad=draft.ad)))


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_preview(request: TenantRequest) -> HttpResponse:
    """The final text of the person numbered `at`, as it would be sent."""
    at = min(whole(request.POST.get("at", "")) or 0, 100_000)
    found = [] if request.facing else composing.preview(tenant=request.tenant, draft=_draft(request), at=at, count=1)
    return page(request, "messaging/compose.html#preview", {"sample": found[0] if found else None, "at": at})


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_confirm(request: TenantRequest) -> HttpResponse:
    """The last question: how many, which type, which sender. What keeps it from going out is said here instead."""
    draft = _draft(request)
    context = quoted(request, draft)
    edited = edited_in(request.POST)
    gone = words.edit_gone(edited) if edited else ""
    blocks = [gone] if gone else quotes.blocks(context["quote"], draft)
    if not gone:
        blocks += [str(e) for errors in _form(request).errors.values() for e in errors]
    sample = None if request.facing else next(iter(context["quote"].samples), None)
    context |= {
        "draft": draft,
        "blocks": blocks,
        "edit_gone": gone,
        "confirm_title": _confirm_title(bool(context["leaves_at"]), blocks, edited),
        "subject": rules.ad_title(draft.title) if draft.ad else draft.title,
        "sender": draft.sender or default_sender(),
        "sample_text": sample.text if sample else "",
        "sample_label": _("{name} 님이 받을 내용").format(name=sample.name or phones.mask_phone(sample.phone))
        if sample
        else "",
    }
    return page(request, "messaging/compose.html#confirm", context)


def _confirm_title(later: bool, blocks: list[str], edited: Dispatch | None) -> str:
    if edited and words.edit_gone(edited):
        return _("이 예약은 더 고칠 수 없어요")
    if blocks:
        return _("아직 예약할 수 없어요") if later else _("아직 보낼 수 없어요")
    if not later:
        return _("이대로 보낼까요?")
    return _("이대로 예약을 바꿀까요?") if edited else _("이대로 예약할까요?")


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_submit(request: TenantRequest) -> HttpResponse:
    """Send once: the page's key is unique, so a second click finds what the first one stored."""
    form = _form(request)
    earlier, key = drafts.sent_with(request.tenant, _key(request))
    if not form.is_valid():
        return again(request, form, None, key)
    draft = form.draft()
    if same := next((one for one in earlier if drafts.says_the_same(one, draft)), None):
        return go(request, "messaging:dispatch-detail", same.pk)
    if earlier:
        # Another tab, or the back button: this text was never sent, so it must not vanish behind the earlier one.
        sentence = _(
            "이 화면에서 쓴 글은 이미 한 번 보냈어요. 지금 내용은 아직 보내지 않았으니 확인하고 다시 보내 주세요."
        )
        return again(request, form, Refusal(sentence), key)
    edited = edited_in(request.POST)
    try:
        dispatch = _sent_or_changed(request, draft, key, edited)
    except Refusal as refusal:
        return again(request, form, refusal, key)
    drafts.discard(tenant=request.tenant, by=request.user, key=key, edit=edited.pk if edited else 0)
    if not dispatch.undo_until:  # its own page says that it waits, and for how long
        messages.success(request, _said(dispatch))
    return go(request, "messaging:dispatch-detail", dispatch.pk)


def _said(dispatch: Dispatch) -> str:
    if dispatch.asked_at and dispatch.send_at:
        when = times.kdatetime(dispatch.send_at)
        return _("밤에는 광고를 보내지 않아서 {when}에 보내도록 예약했어요.").format(when=when)
    more = " ".join(sentence for _code, sentence in getattr(dispatch, "notices", []))
    done = _("예약했어요.") if dispatch.send_at else "" if more else _("보내기 시작했어요.")
    return f"{done} {more}".strip()


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def compose_test(request: TenantRequest) -> HttpResponse:
    """The text to one's own phone, up to three."""
    numbers = [number for number, _name in people_in(request.POST.get("test_phones", "").replace(",", "\n"))]
    if not numbers or len(numbers) > MAX_TESTS:
        problem = _("시험 문자를 받을 번호를 1개에서 3개까지 적어 주세요.")
        return page(request, "messaging/compose.html#tested", {"problem": problem})
    if wrong := [number for number in numbers if not _is_mobile(number)]:
        problem = _("휴대폰 번호가 아니에요 ({numbers}). 010-1234-5678처럼 적어 주세요.").format(
            numbers=", ".join(wrong)
        )
        return page(request, "messaging/compose.html#tested", {"problem": problem})
    try:
        dispatch = composing.send_test(tenant=request.tenant, by=request.user, draft=_draft(request), phones=numbers)
    except NoRecipients:  # the numbers are mobiles, so it is they who refused
        problem = _("수신을 거부한 번호라 시험 문자도 보내지 않아요. 다른 번호를 적어 주세요.")
        return page(request, "messaging/compose.html#tested", {"problem": problem})
    except Refusal as refusal:
        return page(request, "messaging/compose.html#tested", {"problem": str(refusal)})
    return page(request, "messaging/compose.html#tested", {"dispatch": dispatch})


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def draft_save(request: TenantRequest) -> HttpResponse:
    """Keep what is typed, right or wrong; the page is told its key where that is another one now."""
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
    draft = drafts.save(**who, key=_key(request), data=kept(request.POST), text=_draft(request))
    context: dict[str, Any] = {"saved_at": draft.updated_at if draft else None}
    if draft is not None and draft.key != request.POST.get("key"):
        context["new_key"] = draft.key
    return page(request, "messaging/compose.html#saved", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
def draft_anew(request: TenantRequest) -> HttpResponse:
    """What was typed for a schedule that can't be changed any more becomes a text of its own."""
    data = kept(request.POST) | {"edit": ""}
    draft = drafts.save(tenant=request.tenant, by=request.user, key=_key(request), data=data)
    messages.info(request, _("새 발송으로 옮겼어요. 확인하고 보내 주세요."))
    return redirect(tenant_url(request.tenant, "messaging:compose") + (f"?draft={draft.pk}" if draft else ""))


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def draft_discard(request: TenantRequest) -> HttpResponse:
    """An empty page instead; or the schedule as it stands, where it was being changed."""
    drafts.discard(tenant=request.tenant, by=request.user, key=_key(request))
    edited = whole(request.POST.get("edit", ""))
    return redirect(tenant_url(request.tenant, "messaging:compose") + (f"?edit={edited}" if edited else "?new=1"))


# --- What was typed ---------------------------------------------------------------------------------------------------
def _form(request: TenantRequest) -> ComposeForm:
    return ComposeForm(request.POST)


def _is_mobile(typed: str) -> bool:
    try:
        return bool(phone.parse_mobile(typed))
    except phone.BadPhone:
        return False


def _draft(request: TenantRequest) -> Text:
    form = _form(request)
    form.is_valid()  # half a date is no reason not to count the people
    return form.draft()


def _key(request: TenantRequest) -> str:
    """The page's one-time key; a page without one gets one, for an empty key would be everybody's."""
    key = request.POST.get("key", "")
    return key if key.isalnum() and key.isascii() and 16 <= len(key) <= 32 else uuid.uuid4().hex


def _wanted_draft(request: TenantRequest, mine: list[Draft]) -> Draft | None:
    """The draft that ?draft= names, else the last one that is a text of its own."""
    asked = request.GET.get("draft", "")
    own = next((draft for draft in mine if not draft.data.get("edit")), None)
    return next((draft for draft in mine if str(draft.pk) == asked), own)


def _says_something(data: dict[str, Any]) -> bool:
    """Whether it would be a loss."""
    return bool(str(data.get("text", "")).strip())


def _sent_or_changed(request: TenantRequest, draft: Text, key: str, edited: Dispatch | None) -> Dispatch:
    """A new dispatch, or the scheduled one changed."""
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
    if edited is None:
        return composing.submit(**who, draft=draft, key=key, undo=True)
    changes = {name: getattr(draft, name) for name in _PAGE_MAY_CHANGE}
    return composing.change(**who, dispatch=edited, seen=request.POST.get("seen", ""), undo=True, **changes)


_PAGE_MAY_CHANGE = ("to", "text", "title", "sender", "ad", "each", "each_reason", "send_at", "expires_at", "name")
