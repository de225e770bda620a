"""Pages of segments: the list with its trends, the builder, one segment with its chart and its members."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import segment_forms as builder
from members import segments, selectors
from members.enums import Tone
from members.exceptions import InvalidRule
from members.models import Segment
from members.segment_forms import Node
from members.selectors import segments as reads
from members.services import segments as services
from members.views.answers import blame, go, page, wants_part
from ui import charts, times
from ui.numbers import comma, whole

# Where many shops begin: (key, name, rule).
STARTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "expiring": (gettext_lazy("곧 만료"), {"all": [{"field": "expires_on", "op": "within_next", "value": 7}]}),
    "absent": (gettext_lazy("한 달 안 나옴"), {"all": [{"field": "last_visit_on", "op": "ago_or_more", "value": 30}]}),
    "unpaid": (gettext_lazy("미납"), {"all": [{"field": "unpaid", "op": "yes"}]}),
    "birthday": (gettext_lazy("이번 달 생일"), {"all": [{"field": "birthday", "op": "this_month"}]}),
}


class SegmentForm(forms.Form):
    """The name and the colour; the rule is the builder's."""

    name = forms.CharField(label=gettext_lazy("이름"), max_length=40)
    tone = forms.ChoiceField(
        label=gettext_lazy("색"), choices=Tone.choices, initial=Tone.VIOLET, required=False, widget=forms.RadioSelect
    )


@requires(Permission.MEMBER_VIEW)
@require_GET
def segment_list(request: TenantRequest) -> HttpResponse:
    rows = list(reads.segment_list(request.tenant))
    catalog = segments.Catalog(request.tenant)
    shown = [
        {
            "segment": trend.segment,
            "spark": charts.spark(trend.values, tone=trend.segment.tone),
            "change": _change(trend),
            "said": reads.said(request.tenant, trend.segment, catalog),
        }
        for trend in reads.trends(request.tenant, rows)
    ]
    return page(request, "members/segments.html", {"rows": shown, "starts": [(k, v[0]) for k, v in STARTS.items()]})


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def segment_add(request: TenantRequest) -> HttpResponse:
    """The builder, empty or begun; a press on one of its buttons (`do`) changes it, without one it is saved."""
    if request.method == "POST":
        return _posted(request, None)
    name, rule = STARTS.get(request.GET.get("start", ""), ("", None))
    root = builder.from_rule(rule or _from_list(request) or {"all": [{}]})
    return _builder(request, root, SegmentForm(initial={"name": name, "tone": Tone.VIOLET}), None)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def segment_edit(request: TenantRequest, pk: int) -> HttpResponse:
    segment = reads.segment(request.tenant, pk)
    if request.method == "POST":
        return _posted(request, segment)
    form = SegmentForm(initial={"name": segment.name, "tone": segment.tone})
    problems = segments.read(request.tenant, segment.rule, own=pk).problems
    return _builder(request, builder.from_rule(segment.rule), form, segment, problems)


@requires(Permission.MEMBER_VIEW)
@require_POST
def segment_draft(request: TenantRequest) -> HttpResponse:
    """The builder as it is being filled in: after a press (`do`) all of it, else what it finds now."""
    root = builder.from_post(request.POST)
    own = whole(request.POST.get("own", ""))
    if deed := request.POST.get("do"):
        builder.change(root, deed)
        context = {"root": _dressed(request, root), **_found(request, root, own), "own": own, "oob": True}
        return page(request, "members/segment_form.html#builder-and-found", context)
    return page(request, "members/segment_form.html#found", _found(request, root, own))


@requires(Permission.MEMBER_VIEW)
@require_GET
def segment_detail(request: TenantRequest, pk: int) -> HttpResponse:
    segment = reads.segment(request.tenant, pk)
    roster = selectors.roster(request.tenant, segment=segment)
    shown = roster.page(request.GET.get("cursor", ""))
    context: dict[str, Any] = {"segment": segment, "roster": roster, "page": shown}
    if wants_part(request):
        return page(request, "members/segment_detail.html#people", context)
    (trend,) = reads.trends(request.tenant, [segment])
    context |= {"said": reads.said(request.tenant, segment), "change": _change(trend), **_chart(trend)}
    return page(request, "members/segment_detail.html", context)


@requires(Permission.MEMBER_EDIT)
@require_POST
def segment_duplicate(request: TenantRequest, pk: int) -> HttpResponse:
    segment = reads.segment(request.tenant, pk)
    try:
        fresh = services.duplicate(tenant=request.tenant, by=request.user, segment=segment)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "members:segment-detail", pk)
    messages.success(
        request, _("‘%(name)s’ 조건그룹을 하나 더 만들었어요. 이름과 조건을 고쳐 주세요.") % {"name": fresh.name}
    )
    return go(request, "members:segment-edit", fresh.pk)


@requires(Permission.MEMBER_EDIT)
@require_POST
def segment_delete(request: TenantRequest, pk: int) -> HttpResponse:
    segment = reads.segment(request.tenant, pk)
    try:
        services.delete(tenant=request.tenant, by=request.user, segment=segment)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "members:segment-detail", pk)
    messages.success(request, _("‘%(name)s’ 조건그룹을 지웠어요. 회원은 그대로 있어요.") % {"name": segment.name})
    return go(request, "members:segment-list")


# --- the builder ------------------------------------------------------------------------------------------------------


def _posted(request: TenantRequest, segment: Segment | None) -> HttpResponse:
    root, form = builder.from_post(request.POST), SegmentForm(request.POST)
    if deed := request.POST.get("do"):  # without scripts the buttons come here
        builder.change(root, deed)
        return _builder(request, root, SegmentForm(initial=request.POST.dict()), segment)
    rule = builder.to_rule(root, segments.Catalog(request.tenant))
    problems: dict[str, str] = {}
    if form.is_valid():
        try:
            saved = _save(request, segment, form.cleaned_data, rule)
        except InvalidRule as refusal:
            problems = {place.removeprefix("rule").removeprefix("."): s[0] for place, s in refusal.fields.items()}
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("‘%(name)s’ 조건그룹을 저장했어요.") % {"name": saved.name})
            return go(request, "members:segment-detail", saved.pk)
    else:
        problems = segments.read(request.tenant, rule, own=segment.pk if segment else None).problems
    return _builder(request, root, form, segment, problems, status=422)


def _save(request: TenantRequest, segment: Segment | None, given: dict[str, Any], rule: Any) -> Segment:
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
    if segment is None:
        return services.create(**who, **given, rule=rule)
    return services.update(**who, segment=segment, **given, rule=rule)


def _builder(
    request: TenantRequest, root: Node, form: SegmentForm, segment: Segment | None,
    problems: dict[str, str] | None = None, *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    own = segment.pk if segment else None
    found = _found(request, root, own)
    context = {"root": _dressed(request, root, problems), "form": form, "segment": segment, "own": own, **found}
    if problems and "" in problems:
        context["problem"] = problems[""]
    return page(request, "members/segment_form.html", context, status=status)


def _dressed(request: TenantRequest, root: Node, problems: dict[str, str] | None = None) -> Node:
    catalog = segments.Catalog(request.tenant)
    builder.to_rule(root, catalog)
    builder.dress(root, catalog, problems)
    root.askable = [(name, question.title) for name, question in catalog.questions.items()]  # type: ignore[attr-defined]
    return root


def _found(request: TenantRequest, root: Node, own: int | None) -> dict[str, Any]:
    """What the finished conditions find; those still open are left out of the count, and that is said."""
    catalog = segments.Catalog(request.tenant)
    problems = segments.read(request.tenant, builder.to_rule(root, catalog), own=own).problems
    whole = builder.finished(root, problems)
    found = reads.find(request.tenant, builder.to_rule(whole, catalog), own=own) if whole else reads.Found()
    conditions = [node for node in root.walk() if not node.is_group]
    done = len([node for node in whole.walk() if not node.is_group]) if whole else 0
    builder.to_rule(root, catalog)
    return {"found": found, "is_asked": whole is not None, "open_count": len(conditions) - done}


def _from_list(request: TenantRequest) -> dict[str, Any] | None:
    """The filter of the roster as conditions: 이 조건을 조건그룹으로 저장."""
    asked, found = request.GET, []
    for name, field in (("group", "group"), ("tag", "tag"), ("segment", "segment")):
        if pk := whole(asked.get(name, "")):
            found.append({"field": field, "op": "in", "value": [pk]})
    if asked.get("stage"):
        found.append({"field": "stage", "op": "in", "value": [asked["stage"][:20]]})
    if asked.get("dead"):
        found.append({"field": "phone", "op": "dead"})
    if search := asked.get("search", "").strip()[:100]:
        found.append({"field": "name", "op": "contains", "value": search})
    return {"all": found} if found else None


# --- words and drawings -----------------------------------------------------------------------------------------------


def _change(trend: reads.Trend) -> dict[str, Any] | None:
    """지난달보다 12명 늘었어요: the sentence and whether it grew."""
    change = trend.change
    if change is None:
        return None
    since = _("지난달보다") if trend.since_month else _("처음보다")
    if change == 0:
        return {"words": _("%(since)s 그대로예요") % {"since": since}, "sign": 0, "count": 0}
    more = ngettext("%(since)s %(n)s명 늘었어요", "%(since)s %(n)s명 늘었어요", change)
    fewer = ngettext("%(since)s %(n)s명 줄었어요", "%(since)s %(n)s명 줄었어요", -change)
    said = (more if change > 0 else fewer) % {"since": since, "n": comma(abs(change))}
    return {"words": said, "sign": 1 if change > 0 else -1, "count": change}


def _chart(trend: reads.Trend) -> dict[str, Any]:
    """The days as columns; a month has a bar a day, a season a bar for each third day."""
    step = 1 if len(trend.days) <= 31 else 3
    days = trend.days[::-1][::step][::-1]
    labels = [charts.Label(f"{day.month}.{day.day}", times.kdate(day)) for day, _count in days]
    series = [charts.Series(trend.segment.name, trend.segment.tone, [count for _day, count in days])]
    if len(days) < 2:
        return {"trend": "", "trend_rows": ""}
    title = _("‘%(name)s’ 날마다의 회원 수") % {"name": trend.segment.name}
    return {
        "trend": charts.bars(labels, series, height=200, title=title, unit=_("명")),
        "trend_rows": charts.table(labels, series, title),
    }
