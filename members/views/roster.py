"""The list of members, and deeds on many of them at once."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import exports
from accounts import selectors as accounts
from accounts.exceptions import NotAllowed, Refusal
from accounts.models import Tag
from accounts.permissions import Permission, allows, customer_safe, requires
from accounts.requests import TenantRequest
from members import selectors
from members.enums import Stage
from members.forms import ExportForm, ViewForm
from members.models import Group, Member
from members.selectors import Roster
from members.selectors.marks import group_of, mark_of, of_mark, segment_of
from members.selectors.segments import segment_list
from members.services import groups as grouping
from members.services import members as services
from members.services import tags as tagging
from members.views.answers import blame, go, page, wants_part
from ui.numbers import comma, whole, wholes

PICKED_MOST = 300  # ids that fit into the address of the compose page
BULK_MOST = 100_000  # what one request writes in a few seconds
COUNTS_LAST = 60


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_list(request: TenantRequest) -> HttpResponse:
    groups = list(selectors.group_list(request.tenant))
    roster = _roster(request, request.GET, groups)
    shown = roster.page(request.GET.get("cursor", ""))
    tags = list(accounts.tags(request.tenant))
    if tags:
        prefetch_related_objects(shown.rows, "member_tags")
        _dress(shown.rows, {tag.pk: tag for tag in tags})
    context = {
        "roster": roster,
        "page": shown,
        "groups": groups,
        "group_choices": _with(groups, roster.group),
        "segments": _with(list(segment_list(request.tenant)), roster.segment),
        "params": _params(roster),
        "stages": Stage.choices,
        "tags": tags,
        "tag_choices": _with(tags, roster.tag),
        **_tabs(request, roster),
    }
    if not wants_part(request):
        context |= {"view_form": ViewForm(), "export_form": ExportForm()}
        return page(request, "members/list.html", context)
    response = page(request, "members/list.html#results", context)
    response["HX-Push-Url"] = _clean_url(request)
    return response


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def view_counts(request: TenantRequest) -> HttpResponse:
    """The badges of the saved views, counted once a minute; the list itself never waits for them."""
    views = [tab["view"] for tab in _tabs(request, _roster(request, QueryDict(), None))["tabs"] if tab["count"] is None]
    groups = list(selectors.group_list(request.tenant))
    fresh = {_count_key(v): _roster(request, QueryDict(urlencode(v.params)), groups).total for v in views}
    cache.set_many(fresh, COUNTS_LAST)
    return page(request, "members/list.html#tabs", _tabs(request, _roster(request, request.GET, None)))


@requires(Permission.MEMBER_VIEW)
@require_POST
def bulk(request: TenantRequest) -> HttpResponse:
    """One deed on the people ticked, or on everybody who fits the filter (`scope=all`; counted here, not there)."""
    roster = _roster(request, request.POST, None)
    action = request.POST.get("action", "")
    try:
        if action == "compose":
            return _compose(request, roster)
        if not allows(request.staff, Permission.MEMBER_EDIT):
            raise NotAllowed
        _do(request, action, roster)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go(request, "members:member-list", query=urlencode(_params(roster)))


@requires(Permission.MEMBER_EXPORT)
@require_POST
def export_create(request: TenantRequest) -> HttpResponse:
    roster = _roster(request, request.POST, None)
    form = ExportForm(request.POST)
    ids = _ids(request)
    whole = request.POST.get("scope") == "all" or not ids
    filters: dict[str, Any] = {"search": roster.search, "group": roster.group and roster.group.pk}
    filters |= {"segment": roster.segment and roster.segment.pk, "mark": mark_of(roster)}
    params = filters if whole else {"ids": ids}
    if form.is_valid():
        try:
            exports.request_export(
                tenant=request.tenant, by=request.user, kind="members", params=params, **form.cleaned_data
            )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("파일을 만들고 있어요. 다 되면 이 목록에서 내려받을 수 있어요."))
            return go(request, "accounts:exports")
    return page(request, "members/list.html#export", {"export_form": form}, status=422)


# --- reading what was asked -------------------------------------------------------------------------------------------


def _roster(request: TenantRequest, query: QueryDict, groups: list[Group] | None) -> Roster:
    """The roster an address or a form asks for."""
    pk, kept = _id(query, "group"), _id(query, "segment")
    group = next((g for g in groups or () if g.pk == pk), None) or (group_of(request.tenant, pk) if pk else None)
    segment = segment_of(request.tenant, kept) if kept else None
    search = query.get("search", "").replace("\x00", "").strip()[:100]
    narrow = of_mark(request.tenant, query.get("mark", ""))
    sort = query.get("sort", "")
    return selectors.roster(request.tenant, search=search, group=group, ordering=sort, segment=segment, **narrow)


def _id(query: QueryDict, name: str) -> int:
    return whole(query.get(name, "")) or 0


def _with(rows: list[Any], chosen: Any) -> list[Any]:
    """What may be chosen; one that is gone stays chosen in sight, or the next search would be of everybody."""
    return rows if chosen is None or chosen in rows else [*rows, chosen]


def _dress(rows: list[Member], tags: dict[int, Tag]) -> None:
    """Give each row the tags it carries out of those of the filter, which are read anyway."""
    for member in rows:
        member.carried = [tags[one.tag_id] for one in member.member_tags.all() if one.tag_id in tags]  # type: ignore[attr-defined]


def _params(roster: Roster) -> dict[str, str]:
    group = str(roster.group.pk) if roster.group else ""
    sort = roster.ordering if roster.ordering != "-id" else ""
    segment = str(roster.segment.pk) if roster.segment else ""
    found = {"search": roster.search, "group": group, "segment": segment, "mark": mark_of(roster), "sort": sort}
    return {k: v for k, v in found.items() if v}


def _clean_url(request: TenantRequest) -> str:
    query = {key: value for key, value in request.GET.items() if value}
    return f"{request.path}?{urlencode(query)}" if query else request.path


def _ids(request: TenantRequest) -> list[int]:
    return wholes(request.POST.getlist("id"))


def _tabs(request: TenantRequest, roster: Roster) -> dict[str, Any]:
    """The saved views with their badges, as far as they are counted."""
    views = list(selectors.saved_views(request.tenant, request.user))
    counts = cache.get_many([_count_key(view) for view in views]) if views else {}
    now = _params(roster)
    tabs = [
        {"view": v, "query": urlencode(v.params), "count": counts.get(_count_key(v)), "current": v.params == now}
        for v in views
    ]
    waiting = any(tab["count"] is None for tab in tabs)
    filtered = bool(roster.is_sought or roster.group or roster.is_narrowed)
    return {"tabs": tabs, "tabs_waiting": waiting, "is_filtered": filtered}


def _count_key(view: Any) -> str:
    return f"members:view:{view.tenant_id}:{view.pk}"


# --- deeds ------------------------------------------------------------------------------------------------------------


def _picked(request: TenantRequest, roster: Roster) -> Any:
    if request.POST.get("scope") == "all":
        if roster.is_minimum and roster.rows()[: BULK_MOST + 1].count() > BULK_MOST:
            raise Refusal(
                _("한 번에 %(most)s명까지 할 수 있어요. 그룹이나 검색으로 나눠서 해 주세요.")
                % {"most": comma(BULK_MOST)}
            )
        return roster.rows()
    return selectors.members_by_id(request.tenant, _ids(request))


def _do(request: TenantRequest, action: str, roster: Roster) -> None:
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
    members = _picked(request, roster)
    if action == "trash":
        count = services.trash(**who, members=members)
        messages.success(
            request,
            ngettext("%(n)s명을 휴지통으로 옮겼어요.", "%(n)s명을 휴지통으로 옮겼어요.", count) % {"n": comma(count)},
        )
    elif action in ("tag", "untag"):
        messages.success(request, _tag(request, who, action, members))
    elif action in ("add", "remove"):
        group = _target(request, who)
        deed = grouping.add_members if action == "add" else grouping.remove_members
        count = deed(**who, group=group, members=members)
        said = (
            ngettext("%(n)s명을 ‘%(group)s’ 그룹에 넣었어요.", "%(n)s명을 ‘%(group)s’ 그룹에 넣었어요.", count)
            if action == "add"
            else ngettext("%(n)s명을 ‘%(group)s’ 그룹에서 뺐어요.", "%(n)s명을 ‘%(group)s’ 그룹에서 뺐어요.", count)
        )
        if not count:
            said = (
                _("모두 이미 ‘%(group)s’ 그룹에 있어요.")
                if action == "add"
                else _("‘%(group)s’ 그룹에 있는 사람이 없어요.")
            )
        messages.success(request, said % {"n": comma(count), "group": group.name})
    else:
        raise Refusal(_("무엇을 할지 골라 주세요."))


def _tag(request: TenantRequest, who: dict[str, Any], action: str, members: Any) -> str:
    name = request.POST.get("tag", "").strip()
    if not name:
        raise Refusal(_("태그 이름을 적어 주세요."))
    names: dict[str, Any] = {"add": [name]} if action == "tag" else {"remove": [name]}
    given, taken = tagging.tag_many(**who, members=members, **names)
    if action == "tag":
        said = _("%(n)s명에게 ‘%(tag)s’ 태그를 붙였어요.") if given else _("모두 이미 ‘%(tag)s’ 태그가 있어요.")
        return said % {"n": comma(given), "tag": name}
    said = _("%(n)s명에게서 ‘%(tag)s’ 태그를 뗐어요.") if taken else _("‘%(tag)s’ 태그가 있는 사람이 없어요.")
    return said % {"n": comma(taken), "tag": name}


def _target(request: TenantRequest, who: dict[str, Any]) -> Group:
    name = request.POST.get("new_group", "").strip()
    if name and request.POST.get("action") == "add":
        return grouping.named(**who, names=[name])[0]
    pk = _id(request.POST, "target")
    if not pk:
        raise Refusal(_("그룹을 골라 주세요."))
    return selectors.group(request.tenant, pk)


def _compose(request: TenantRequest, roster: Roster) -> HttpResponse:
    """To the compose page, with the people picked or the whole group."""
    if not allows(request.staff, Permission.MESSAGE_SEND):
        raise NotAllowed
    whole = request.POST.get("scope") == "all"
    if whole and not roster.words and roster.segment and not (roster.group or roster.is_narrowed):
        query = f"segment={roster.segment.pk}"
    elif whole and not (roster.is_sought or roster.is_narrowed):
        query = f"group={roster.group.pk}" if roster.group else "all=1"
    else:
        ids = list(_picked(request, roster).order_by("-id").values_list("id", flat=True)[: PICKED_MOST + 1])
        if len(ids) > PICKED_MOST:
            raise Refusal(
                _("한 번에 고를 수 있는 사람은 %(most)s명까지예요. 그룹에 넣은 다음 그룹으로 보내 주세요.")
                % {"most": PICKED_MOST}
            )
        if not ids:
            raise Refusal(_("문자를 받을 사람을 먼저 골라 주세요."))
        query = "members=" + ",".join(map(str, ids))
    return go(request, "messaging:compose", query=query)
