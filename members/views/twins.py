"""Likely duplicates, two members side by side, and merges that can be taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import birthdays, selectors, undo_words
from members import fields as kinds
from members.enums import FieldKind, Stage
from members.models import Field, Member
from members.selectors import twins
from members.selectors.edits import merges
from members.selectors.own_fields import Files, field_names, held_files
from members.services import snapshots, uniting
from members.services.kept_parts import KEPT
from members.views.answers import done, go, page, wants_part
from ui.phones import format_phone

RECENT = 30
PAGES_MOST = 10_000
TABS = {
    "same": (lazy("같은 번호·같은 이름"), twins.same_people),
    "birth": (lazy("같은 이름·같은 생일"), twins.same_births),
    "family": (lazy("가족 (번호만 같음)"), twins.families),
}
LABELS = {
    "name": lazy("이름"), "phone": lazy("휴대폰"), "birthday": lazy("생일"), "stage": lazy("단계"),
    "source": lazy("알게 된 경로"), "ad": lazy("광고 수신동의"), "night": lazy("야간 광고 수신동의"),
}  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_GET
def duplicate_list(request: TenantRequest) -> HttpResponse:
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "same"
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else 1
    number = max(1, min(number, PAGES_MOST))
    if wants_part(request):  # after the page: a million are looked through in seconds
        context: dict[str, Any] = {"tab": tab, "sets": TABS[tab][1](request.tenant, number)}
        return page(request, "members/duplicates.html#sets", context)
    context = {
        "tab": tab, "tabs": [(key, title) for key, (title, _find) in TABS.items()], "number": number,
        "merges": [_merge(row) for row in merges(request.tenant)[:RECENT]],
    }  # fmt: skip
    return page(request, "members/duplicates.html", context)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_merge(request: TenantRequest, pk: int, other: int) -> HttpResponse:
    """Both side by side; whose row stays is in the address, whose values stay is chosen."""
    kept, gone = selectors.member(request.tenant, pk), selectors.member(request.tenant, other)
    if request.method == "POST":
        choose = {key.removeprefix("choose-"): request.POST[key] for key in request.POST if key.startswith("choose-")}
        try:
            row = uniting.unite(tenant=request.tenant, by=request.user, kept=kept.pk, gone=gone.pk, choose=choose)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return go(request, "members:member-merge", kept.pk, gone.pk)
        done(request, _("두 회원을 합쳤어요. 30일 안에 되돌릴 수 있어요."), "members:merge-undo", row.pk)
        return go(request, "members:member-detail", kept.pk)
    return page(request, "members/merge.html", {"kept": kept, "gone": gone, **_sides(request, kept.pk, gone.pk)})


@requires(Permission.MEMBER_EDIT)
@require_POST
def merge_undo(request: TenantRequest, pk: int) -> HttpResponse:
    try:
        _row, stayed = uniting.part(tenant=request.tenant, by=request.user, pk=pk)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal))
    else:
        own = field_names(request.tenant)
        said = ", ".join(undo_words.column(column, own) for column in stayed)
        if said:
            messages.success(request, _("되돌렸어요. 그 뒤에 고친 값은 남겨 두었어요: %(what)s") % {"what": said})
        else:
            messages.success(request, _("되돌렸어요. 두 회원이 다시 따로 있어요."))
    return go(request, "members:duplicate-list")


def _merge(row: Any) -> dict[str, Any]:
    return {"row": row, "undoable": uniting.undoable(row), "until": row.created_at + KEPT}


def _sides(request: TenantRequest, kept: int, gone: int) -> dict[str, Any]:
    """The rows of the table: those that differ first, each with the better value chosen."""
    held = snapshots.take(request.tenant, [kept, gone], lock=False)
    mine, theirs = held[kept].values, held[gone].values
    refused = uniting.refusals(request.tenant, {kept: mine, gone: theirs})
    better = uniting.preferred(refused, kept, mine, theirs)
    own_fields = {f"fields.{row.key}": row for row in Field.objects.filter(tenant=request.tenant)}
    both = [Member(pk=pk, fields=held[pk].values["fields"]) for pk in (kept, gone)]
    files = held_files(request.tenant, both, own_fields.values())
    rows = []
    for word, whose in better.items():
        row = own_fields.get(word)
        own, other = (_shown(member, held[member].values, word, row, files) for member in (kept, gone))
        if refused.get(word):  # nothing to choose
            own = other = _("한쪽이 거부해서, 동의 안 함으로 남겨요.")
        if own or other:
            title = row.name if row else str(LABELS.get(word, word.removeprefix("fields.")))
            rows.append({"word": word, "title": title, "mine": own, "theirs": other, "whose": whose})
    rows.sort(key=lambda row: row["mine"] == row["theirs"])
    memo = uniting.joined(mine, theirs, {})["memo"]
    return {"rows": rows, "memo": memo, "memos": bool(mine["memo"] and theirs["memo"])}


def _shown(member: int, values: dict[str, Any], word: str, field: Field | None, files: Files) -> str:
    """A side's value in words: a file by its name, a number with its commas."""
    value = _value(values, word)
    if field is None or not value:
        return value
    if field.kind == FieldKind.FILE:
        upload = files.get((member, value))
        return upload.name if upload else "–"
    return kinds.shown(kinds.spec(field), value)


def _value(values: dict[str, Any], word: str) -> str:
    side = uniting.side(values, word)
    if word == "birthday":
        born = birthdays.of(values["birth_date"], values["birthday"] or "")
        return birthdays.words(born) if born else ""
    if word == "phone":
        return format_phone(side or "")
    if word == "stage":
        return str(dict(Stage.choices).get(side, ""))
    if word in ("ad", "night"):
        return _("동의") if side else _("동의 안 함")
    return str(side or "")
