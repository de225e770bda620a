"""One change to many members: choose it, look at it, do it, and take it back from the page of recent edits."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from accounts.selectors import tags as tag_list
from members import selectors, undo_words
from members.enums import FieldKind, Stage
from members.models import BulkEdit, Group, Member
from members.selectors.edits import bulk_edits
from members.selectors.own_fields import field_names
from members.services import bulk_edits as services
from members.services.kept_parts import KEPT
from members.views.answers import done, go, page
from members.views.roster import _ids, _params, _picked, _roster
from ui.numbers import comma, wholes

RECENT = 30


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def bulk_edit(request: TenantRequest) -> HttpResponse:
    """The people come with every step, as the list posts them: ids, or the filter with `scope=all`."""
    roster = _roster(request, request.POST, None)
    if request.method == "GET":
        return go(request, "members:member-list")
    who: dict[str, Any] = {"tenant": request.tenant}
    context: dict[str, Any] = {}
    change, step = _change(request), request.POST.get("step", "")
    try:
        members = _picked(request, roster)
        if step == "apply":
            row = services.edit(by=request.user, members=members, change=change, **who)
            _say(request, row)
            return go(request, "members:bulk-edit-list")
        if step == "preview":
            context["seen"] = _shown(request, services.preview(members=members, change=change, **who))
    except Refusal as refusal:
        context["problem"] = " ".join(str(s) for many in refusal.fields.values() for s in many) or str(refusal)
    context |= {
        "scope": request.POST.get("scope", "page"), "ids": _ids(request), "params": _params(roster), "change": change,
        "groups": selectors.group_list(request.tenant), "tags": tag_list(request.tenant), "stages": Stage.choices,
        "own": selectors.fields(request.tenant).exclude(kind=FieldKind.FILE),
        "picked": comma(len(_ids(request))) if request.POST.get("scope") != "all" else "",
        "back": urlencode(_params(roster)),
    }  # fmt: skip
    return page(request, "members/bulk_edit.html", context, status=422 if "problem" in context else 200)


@requires(Permission.MEMBER_EDIT)
@require_GET
def bulk_edit_list(request: TenantRequest) -> HttpResponse:
    shown = Paginator(bulk_edits(request.tenant)[:1000], RECENT).get_page(request.GET.get("page"))
    names, own = _names(request)
    people = Member.objects.filter(tenant=request.tenant).in_bulk(
        [pk for row in shown.object_list for pk, _columns in row.left.get("rows", [])[:5]]
    )
    rows = [
        {
            "row": row, "said": _words(row.change, names, own), "undoable": services.undoable(row),
            "working": row.state in ("applying", "undoing"), "until": row.created_at + KEPT,
            "left": [
                (people[pk].name, ", ".join(undo_words.column(c, own) for c in columns))
                for pk, columns in row.left.get("rows", [])[:5] if pk in people
            ],
        }
        for row in shown.object_list
    ]  # fmt: skip
    return page(request, "members/bulk_edits.html", {"page": shown, "rows": rows})


@requires(Permission.MEMBER_EDIT)
@require_POST
def bulk_edit_undo(request: TenantRequest, pk: int) -> HttpResponse:
    try:
        row = services.undo(tenant=request.tenant, by=request.user, pk=pk)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal))
    else:
        if row.problem:
            messages.error(request, row.problem)
            return go(request, "members:bulk-edit-list")
        left = row.left.get("count", 0)
        said = _("되돌렸어요. 그 뒤에 고친 %(n)s명의 값은 그대로 두었어요.") if left else _("되돌렸어요.")
        messages.success(request, _("되돌리고 있어요.") if row.state == "undoing" else said % {"n": comma(left)})
    return go(request, "members:bulk-edit-list")


def _change(request: TenantRequest) -> dict[str, Any]:
    """What the form says; what is empty is not changed, and a field is taken away where that is ticked."""
    post = request.POST
    change: dict[str, Any] = {name: wholes(post.getlist(name)) for name in ("groups_add", "groups_remove")}
    for name in ("tags_add", "tags_remove"):
        change[name] = [tag for tag in post.getlist(name) if tag.strip()]
    change |= {"stage": post.get("stage", ""), "memo_append": post.get("memo_append", "")}
    if post.get("source", "").strip() or post.get("source_empty"):
        change["source"] = "" if post.get("source_empty") else post.get("source", "")
    field = post.get("field", "")
    if field and (post.get("field_value", "").strip() or post.get("field_empty")):
        change["fields"] = {field: "" if post.get("field_empty") else post.get("field_value", "")}
    return {name: value for name, value in change.items() if value or name == "source"}


def _say(request: TenantRequest, row: BulkEdit) -> None:
    if row.problem:
        messages.error(request, row.problem)
    elif row.state == "applying":
        messages.info(request, _("%(n)s명을 고치고 있어요. 화면을 닫아도 계속돼요.") % {"n": comma(row.count)})
    else:
        done(request, _("%(n)s명을 고쳤어요.") % {"n": comma(row.changed)}, "members:bulk-edit-undo", row.pk)


def _shown(request: TenantRequest, seen: services.Preview) -> dict[str, Any]:
    names, own = _names(request)
    stays = None if seen.changed is None else seen.count - seen.changed
    lines = [
        {"member": line.member, "changes": [_line(one, names, own) for one in line.changes]} for line in seen.lines
    ]
    return {"count": seen.count, "changed": seen.changed, "stays": stays, "lines": lines}


def _names(request: TenantRequest) -> tuple[dict[int, str], dict[str, str]]:
    """What groups are called by id, and the tenant's fields by key."""
    return dict(Group.objects.filter(tenant=request.tenant).values_list("pk", "name")), field_names(request.tenant)


def _line(change: tuple[str, Any, Any], names: dict[int, str], own: dict[str, str]) -> dict[str, str]:
    column, before, after = change
    if column == "fields":
        return {
            "what": ", ".join(own.get(key, key) for key in after), "before": ", ".join(filter(None, before.values())),
            "after": ", ".join(filter(None, after.values())),
        }  # fmt: skip
    if column.startswith("groups"):
        return {"what": _("그룹"), "before": names.get(before, ""), "after": names.get(after, "")}
    if column.startswith("tags"):
        return {"what": _("태그"), "before": before or "", "after": after or ""}
    if column == "stage":
        words = dict(Stage.choices)
        return {"what": _("단계"), "before": str(words.get(before, "")), "after": str(words.get(after, ""))}
    return {"what": undo_words.column(column, own), "before": before or "", "after": after or ""}


def _words(change: dict[str, Any], names: dict[int, str], own: dict[str, str]) -> str:
    """A change in a line: 그룹 ‘VIP’에 넣기, 단계 휴회."""
    lists = ("groups_add", "groups_remove")
    groups = {name: ", ".join(names.get(pk, "?") for pk in change.get(name, ())) for name in lists}
    said = {
        "groups_add": lambda: _("그룹에 넣기: %(v)s") % {"v": groups["groups_add"]},
        "groups_remove": lambda: _("그룹에서 빼기: %(v)s") % {"v": groups["groups_remove"]},
        "tags_add": lambda: _("태그 붙이기: %(v)s") % {"v": ", ".join(change["tags_add"])},
        "tags_remove": lambda: _("태그 떼기: %(v)s") % {"v": ", ".join(change["tags_remove"])},
        "stage": lambda: _("단계: %(v)s") % {"v": dict(Stage.choices).get(change["stage"], "")},
        "source": lambda: _("알게 된 경로: %(v)s") % {"v": change["source"] or _("비우기")},
        "fields": lambda: ", ".join(f"{own.get(k, k)}: {text or _('비우기')}" for k, text in change["fields"].items()),
        "memo_append": lambda: _("메모 덧붙이기: %(v)s") % {"v": change["memo_append"][:30]},
    }
    return " · ".join(said[name]() for name in said if name in change) or _("내용은 30일이 지나 지웠어요")
