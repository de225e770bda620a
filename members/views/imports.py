"""Pages of imports: upload or paste, look at what would happen, apply, see what became of it."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import import_words, phone, selectors
from members.enums import ContactRole, ImportMode, ImportState, Stage
from members.import_forms import (
    ImportForm,
    asks_for_births,
    chosen_mapping,
    chosen_repairs,
    column_rows,
    error_rows,
    head_rows,
    question_rows,
    repaired_rows,
    rows_unlisted,
    whole_number,
)
from members.models import Import
from members.selectors.imports import import_list, import_row
from members.services import import_errors
from members.services.import_run import done_rows
from members.services.imports import apply_import, correct_import, repair_import, start_import
from members.views.answers import blame, go, page, wants_part
from members.views.reverts import outcome
from ui import times

RECENT = 10
ERRORS_OPEN = 10  # before "show the rest": fifty rows are ten screens of a phone
# How far a state is on the way to 100, where the machine can't count rows (nothing is committed before the end).
PERCENT: dict[str, int] = {ImportState.READING: 20, ImportState.APPLYING: 45, ImportState.REVERTING: 50}
STEP: dict[str, int] = {ImportState.READING: 2, ImportState.PREVIEW: 2}
DOUBTS = {
    "no_header": lazy("제목 줄이 없어서 내용을 보고 열을 골랐어요. 맞는지 확인해 주세요."),
    "name_guessed": lazy("이름이 있는 열을 내용을 보고 골랐어요. 맞는지 확인해 주세요."),
    "phone_guessed": lazy("전화번호가 있는 열을 내용을 보고 골랐어요. 맞는지 확인해 주세요."),
    "two_phones": lazy("전화번호 열이 둘이에요. 문자는 ‘휴대폰’으로 고른 열의 번호로 나가요."),
}


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def import_add(request: TenantRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = start_import(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return go(request, "members:import-detail", row.pk)
    context = {
        "form": form,
        "groups": selectors.group_list(request.tenant),
        "recent": import_list(request.tenant)[:RECENT],
    }
    return page(request, "members/import_add.html", context, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_GET
def import_detail(request: TenantRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    part = wants_part(request)
    context = _shown(row) | outcome(request, row)
    response = page(request, "members/import_detail.html#stage" if part else "members/import_detail.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@requires(Permission.MEMBER_EDIT)
@require_POST
def import_correct(request: TenantRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    try:
        correct_import(
            tenant=request.tenant,
            by=request.user,
            pk=row.pk,
            mapping=chosen_mapping(request.POST, row),
            sheet=whole_number(request.POST.get("sheet", "")),
            header_row=whole_number(request.POST.get("header_row", "")),
            mode=request.POST.get("mode", ""),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go(request, "members:import-detail", row.pk)


@requires(Permission.MEMBER_EDIT)
@require_POST
def import_repair(request: TenantRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    sheet = whole_number(request.POST.get("sheet", ""))
    answers = None if "forget" in request.POST else chosen_repairs(request.POST)
    try:
        repair_import(
            tenant=request.tenant, by=request.user, pk=row.pk, sheet=-1 if sheet is None else sheet, answers=answers
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go(request, "members:import-detail", row.pk)


@requires(Permission.MEMBER_EDIT)
@require_POST
def import_apply(request: TenantRequest, pk: int) -> HttpResponse:
    try:
        apply_import(tenant=request.tenant, by=request.user, pk=_row(request, pk).pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go(request, "members:import-detail", pk)


@requires(Permission.MEMBER_EDIT)
@require_GET
def import_errors_file(request: TenantRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    try:
        file = import_errors.open_file(row)
    except OSError:
        raise Http404 from None
    name = _("고칠 줄 %(name)s.xlsx") % {"name": row.upload.name.rsplit(".", 1)[0]}
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


def _row(request: TenantRequest, pk: int) -> Import:
    row = import_row(request.tenant, pk)
    if row is None:
        raise Http404
    return row


def _shown(row: Import) -> dict[str, Any]:
    sample = row.sample or {}
    open_ = row.state in (ImportState.PREVIEW, ImportState.FAILED) and row.upload.deleted_at is None
    people = [_person(person) for person in sample.get("people", [])]
    return {
        "row": row,
        "working": row.state in (ImportState.READING, ImportState.APPLYING, ImportState.REVERTING),
        "percent": _percent(row),
        "step": STEP.get(row.state, 3),
        "columns": column_rows(row) if open_ else [],
        "head": head_rows(row) if open_ else [],
        "header_row": sample.get("header_row"),
        "doubts": [str(DOUBTS[code]) for code in sample.get("doubts", []) if code in DOUBTS],
        "people": people,
        "has_more": any(person.get("more") for person in people),
        **_mistakes(row),
        "modes": ImportMode.choices,
        "writable": row.created + row.updated,
    }


def _mistakes(row: Import) -> dict[str, Any]:
    shown = error_rows(row)
    found = {
        "errors": shown,
        "first": shown[:ERRORS_OPEN],
        "rest": shown[ERRORS_OPEN:],
        "more_errors": rows_unlisted(row),
    }
    if row.state != ImportState.PREVIEW:
        return found
    return found | {
        "questions": question_rows(row, times.today()),
        "births": asks_for_births(row),
        "repaired": repaired_rows(row),
        "answered": bool(row.repairs),
    }


def _percent(row: Import) -> int:
    if row.state == ImportState.APPLYING and row.rows:
        done = done_rows(row)
        if done:
            return min(45 + done * 50 // row.rows, 95)
    return PERCENT.get(row.state, 100)


CHANGED = {
    "birth_date": lazy("생년월일"),
    "birthday": lazy("생년월일"),
    "contacts": lazy("연락처"),
    "stage": lazy("단계"),
    "source": lazy("알게 된 경로"),
    "tags": lazy("태그"),
    "memo": lazy("메모"),
    "fields": lazy("추가 항목"),
    "ad": lazy("광고 수신동의"),
    "night": lazy("야간 광고 수신동의"),
}


def _person(person: dict[str, Any]) -> dict[str, Any]:
    """A line of the sample with its codes in words."""
    if person["kind"] == "skip":
        return {**person, "reason": str(import_words.SKIPS[person["reason"]])}
    changed = dict.fromkeys(str(CHANGED[name]) for name in person["fields"])
    return {**person, "fields": list(changed), "more": _more(person)}


def _more(person: dict[str, Any]) -> list[str]:
    """What hangs on a person: 모 김영희 010-3333-4444, 체험, 소개, #단골."""
    contacts = [
        " ".join(filter(None, (str(ContactRole(role).label), name, phone.format(digits))))
        for role, digits, name in person.get("contacts", ())
    ]
    stage, source = person.get("stage"), person.get("source")
    steps = [str(Stage(stage).label)] if stage else []
    return [*contacts, *steps, *([source] if source else []), *(f"#{tag}" for tag in person.get("tags", ()))]
