"""Dues and their monthly plans over the REST API."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import ID_MOST, Body, TenantViewSet
from accounts.api_lists import whole
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from members import selectors
from members.api_passes import who
from members.dates import read_month
from members.enums import DueEntryKind, DueMethod, MidMonth
from members.models import Due
from members.passes import WON_MOST
from members.selectors import dues as reads
from members.services import due_plans
from members.services import dues as services

READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE


def _won(least: int = 1) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=WON_MOST)


class DuePlanIn(Body):
    group = serializers.IntegerField(min_value=1, max_value=ID_MOST)
    name = serializers.CharField(max_length=40)
    amount_won = _won()
    due_day = serializers.IntegerField(min_value=1, max_value=31, required=False)
    starts_on = serializers.DateField(required=False, help_text="Any day of the first month.")
    mid_month = serializers.ChoiceField(MidMonth.choices, required=False)


class DuePlanOut(serializers.Serializer):
    id = serializers.IntegerField()
    group = serializers.IntegerField(source="group_id", allow_null=True)
    name = serializers.CharField()
    amount_won = serializers.IntegerField()
    due_day = serializers.IntegerField()
    starts_on = serializers.DateField()
    mid_month = serializers.ChoiceField(MidMonth.choices)
    ended_at = serializers.DateTimeField(allow_null=True)


class DueIn(Body):
    member = serializers.IntegerField(min_value=1, max_value=ID_MOST)
    name = serializers.CharField(max_length=40)
    amount_won = _won()
    due_on = serializers.DateField(required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DueEntryOut(serializers.Serializer):
    kind = serializers.ChoiceField(DueEntryKind.choices)
    won = serializers.IntegerField(help_text="Signed: charged +, paid -, returned +, waived - (taken back +).")
    on = serializers.DateField()
    method = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class DueOut(serializers.Serializer):
    id = serializers.IntegerField()
    member = serializers.IntegerField(source="member_id")
    plan = serializers.IntegerField(source="plan_id", allow_null=True)
    name = serializers.CharField()
    month = serializers.DateField(help_text="The first of the month.")
    amount_won = serializers.IntegerField()
    paid_won = serializers.IntegerField()
    waived_won = serializers.IntegerField()
    open_won = serializers.IntegerField()
    due_on = serializers.DateField()
    reminded_at = serializers.DateTimeField(allow_null=True)


class DueDetailOut(DueOut):
    entries = serializers.SerializerMethodField()

    def get_entries(self, due: Due) -> list[dict[str, Any]]:
        (full,) = reads.with_entries(due.tenant, [due])
        return list(DueEntryOut(full.lines, many=True).data)  # type: ignore[attr-defined]


class PayIn(Body):
    won = _won()
    method = serializers.ChoiceField(DueMethod.choices)
    on = serializers.DateField(required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class WaiveIn(Body):
    won = _won()
    note = serializers.CharField(max_length=200)


class ReturnIn(Body):
    won = _won()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CorrectIn(Body):
    amount_won = _won(0)
    note = serializers.CharField(max_length=200)


class DuePlanViewSet(TenantViewSet):
    """What the members of a group owe each month; charged by itself on the first. Deleting ends it."""

    serializer_class = DuePlanOut
    scopes = {"list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "destroy": WRITE}

    def list(self, request: Request) -> Response:
        return self.paged(reads.plans(self.tenant), DuePlanOut)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(DuePlanOut(reads.plan(self.tenant, int(pk))).data)

    @extend_schema(request=DuePlanIn, responses={201: DuePlanOut})
    @idempotent
    def create(self, request: Request) -> Response:
        data = self.clean(DuePlanIn, request.data)
        group = selectors.group(self.tenant, data.pop("group"))
        plan = due_plans.create(tenant=self.tenant, by=self.by, group=group, **data)
        return Response(DuePlanOut(plan).data, status=201)

    @extend_schema(request=DuePlanIn, responses=DuePlanOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        plan = reads.plan(self.tenant, int(pk))
        data = self.clean(DuePlanIn, request.data, partial=True)
        if data.pop("group", plan.group_id) != plan.group_id:
            sentence = _("그룹은 바꿀 수 없어요. 그만두고 새로 정해 주세요.")
            raise Refusal(sentence, code="invalid", fields={"group": [sentence]})
        return Response(DuePlanOut(due_plans.update(tenant=self.tenant, by=self.by, plan=plan, **data)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        due_plans.end(tenant=self.tenant, by=self.by, plan=reads.plan(self.tenant, int(pk)))
        return Response(status=204)


class DueViewSet(TenantViewSet):
    """Dues of members: each deed is a line of the ledger. With an Idempotency-Key a deed is done once."""

    serializer_class = DueOut
    scopes = {
        "list": READ, "retrieve": READ, "create": WRITE, "pay": WRITE, "waive": WRITE, "unwaive": WRITE,
        "give_back": WRITE, "correct": WRITE,
    }  # fmt: skip

    @extend_schema(
        parameters=[
            OpenApiParameter("member", int),
            OpenApiParameter("month", str, description="2026-11"),
            OpenApiParameter("open", str, enum=["true", "late"], description="Only with something still to pay."),
        ]
    )
    def list(self, request: Request) -> Response:
        asked = request.query_params
        member = whole(request, "member", 0, 0, ID_MOST) if "member" in asked else None
        whose = selectors.member(self.tenant, member) if member is not None else None
        state = {"true": reads.OPEN, "late": reads.LATE}.get(asked.get("open", ""), "")
        month = _month(asked["month"]) if asked.get("month") else None
        rows = reads.due_list(self.tenant, month=month, member=whose, state=state)
        return self.paged(rows.order_by("-id"), DueOut)

    @extend_schema(responses=DueDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(reads.due(self.tenant, int(pk)))

    @extend_schema(request=DueIn, responses={201: DueDetailOut})
    @idempotent
    def create(self, request: Request) -> Response:
        data = self.clean(DueIn, request.data)
        member = selectors.member(self.tenant, data.pop("member"))
        return self._answer(services.add(**who(self), member=member, **data), 201)

    @extend_schema(request=PayIn, responses=DueDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def pay(self, request: Request, pk: str) -> Response:
        return self._do(pk, PayIn, services.pay)

    @extend_schema(request=WaiveIn, responses=DueDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def waive(self, request: Request, pk: str) -> Response:
        return self._do(pk, WaiveIn, services.waive)

    @extend_schema(request=ReturnIn, responses=DueDetailOut)
    @action(detail=True, methods=["post"], url_path="return")
    @idempotent
    def give_back(self, request: Request, pk: str) -> Response:
        """Money that was paid went back: it is owed again."""
        return self._do(pk, ReturnIn, services.give_back)

    @extend_schema(request=ReturnIn, responses=DueDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def unwaive(self, request: Request, pk: str) -> Response:
        """What was waived has to be paid after all, or a part of it."""
        return self._do(pk, ReturnIn, services.unwaive)

    @extend_schema(request=CorrectIn, responses=DueDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def correct(self, request: Request, pk: str) -> Response:
        return self._do(pk, CorrectIn, services.correct)

    def _do(self, pk: str, shape: type[Body], deed: Callable[..., Due]) -> Response:
        due = reads.due(self.tenant, int(pk))
        return self._answer(deed(**who(self), due=due, **self.clean(shape, self.request.data)))

    def _answer(self, due: Due, status: int = 200) -> Response:
        return Response(DueDetailOut(due).data, status=status)


def _month(asked: str) -> date:
    month = read_month(asked)
    if month is None:
        sentence = _("달은 2026-11처럼 적어 주세요.")
        raise Refusal(sentence, code="invalid", fields={"month": [sentence]})
    return month


routes = [("due-plans", DuePlanViewSet), ("dues", DueViewSet)]
