"""Passes and what is sold over the REST API."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import ID_MOST, Body, TenantViewSet
from accounts.api_lists import whole
from accounts.enums import Scope
from accounts.idempotency import idempotent, new_reference
from members import selectors
from members.enums import PassEntryKind, PassKind, RefundRule
from members.models import Pass, PassType
from members.passes import WON_MOST
from members.selectors import passes as reads
from members.services import pass_ends, pass_types
from members.services import passes as services
from ui import times

READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE


class PassTypeIn(Body):
    name = serializers.CharField(max_length=40)
    months = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True)
    days = serializers.IntegerField(min_value=1, max_value=36_500, required=False, allow_null=True)
    sessions = serializers.IntegerField(min_value=1, max_value=10_000, required=False, allow_null=True)
    price_won = serializers.IntegerField(min_value=0, max_value=WON_MOST, required=False)
    penalty_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    refund_rule = serializers.ChoiceField(RefundRule.choices, required=False)


class PassTypeOut(serializers.ModelSerializer):
    class Meta:
        model = PassType
        fields = ["id", "name", "kind", "months", "days", "sessions", "price_won", "penalty_percent", "refund_rule"]


class PassIn(Body):
    member = serializers.IntegerField(min_value=1, max_value=ID_MOST)
    type = serializers.IntegerField(min_value=1, max_value=ID_MOST, required=False, allow_null=True)
    name = serializers.CharField(max_length=40, required=False)
    starts_on = serializers.DateField(required=False)
    months = serializers.IntegerField(min_value=1, max_value=600, required=False)
    days = serializers.IntegerField(min_value=1, max_value=36_500, required=False)
    sessions = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    price_won = serializers.IntegerField(min_value=0, max_value=WON_MOST, required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class EntryOut(serializers.Serializer):
    """A line of the ledger; days, sessions and won are signed."""

    kind = serializers.ChoiceField(PassEntryKind.choices)
    on = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    sessions = serializers.IntegerField()
    days = serializers.IntegerField()
    won = serializers.IntegerField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class PassOut(serializers.Serializer):
    id = serializers.IntegerField()
    member = serializers.IntegerField(source="member_id")
    type = serializers.IntegerField(source="type_id", allow_null=True)
    name = serializers.CharField()
    kind = serializers.ChoiceField(PassKind.choices)
    state = serializers.SerializerMethodField()
    price_won = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    sessions = serializers.IntegerField(allow_null=True)
    sessions_left = serializers.IntegerField(allow_null=True)
    held_from = serializers.DateField(allow_null=True)
    held_until = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    closed_as = serializers.CharField()
    received_from = serializers.IntegerField(source="received_from_id", allow_null=True)

    def get_state(self, one: Pass) -> str:
        """active, held, scheduled, used_up, expired or closed, today."""
        return reads.state_of(one, times.today())


class PassDetailOut(PassOut):
    entries = serializers.SerializerMethodField()

    def get_entries(self, one: Pass) -> list[dict[str, Any]]:
        return list(EntryOut(reads.entries(one.tenant, one), many=True).data)


class HoldIn(Body):
    from_on = serializers.DateField(required=False)
    until = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ResumeIn(Body):
    on = serializers.DateField(required=False)


class AdjustIn(Body):
    days = serializers.IntegerField(min_value=-36_500, max_value=36_500, required=False)
    sessions = serializers.IntegerField(min_value=-10_000, max_value=10_000, required=False)
    note = serializers.CharField(max_length=200)


class GiveIn(Body):
    to = serializers.IntegerField(min_value=1, max_value=ID_MOST)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RefundIn(Body):
    won = serializers.IntegerField(min_value=0, max_value=WON_MOST)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RefundQuoteOut(serializers.Serializer):
    """What would be paid back: paid_won less used_won less penalty_won. By the steps of academies no penalty."""

    rule = serializers.ChoiceField(RefundRule.choices)
    paid_won = serializers.IntegerField()
    by = serializers.CharField(help_text="days, sessions, or empty where nothing measures the use")
    used = serializers.IntegerField()
    total = serializers.IntegerField()
    used_won = serializers.IntegerField()
    percent = serializers.IntegerField()
    penalty_won = serializers.IntegerField()
    refund_won = serializers.IntegerField()


class PassTypeViewSet(TenantViewSet):
    """What the shop sells; taking one away only stops its sale."""

    serializer_class = PassTypeOut
    scopes = {"list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "destroy": WRITE}

    def list(self, request: Request) -> Response:
        return self.paged(reads.types(self.tenant).order_by("-pk"), PassTypeOut)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(PassTypeOut(reads.type_(self.tenant, int(pk))).data)

    @extend_schema(request=PassTypeIn, responses={201: PassTypeOut})
    @idempotent
    def create(self, request: Request) -> Response:
        kind = pass_types.create(tenant=self.tenant, by=self.by, **self.clean(PassTypeIn, request.data))
        return Response(PassTypeOut(kind).data, status=201)

    @extend_schema(request=PassTypeIn, responses=PassTypeOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        kind = reads.type_(self.tenant, int(pk))
        changes = self.clean(PassTypeIn, request.data, partial=True)
        return Response(PassTypeOut(pass_types.update(tenant=self.tenant, by=self.by, type=kind, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        pass_types.retire(tenant=self.tenant, by=self.by, type=reads.type_(self.tenant, int(pk)))
        return Response(status=204)


class PassViewSet(TenantViewSet):
    """Passes of members: each deed is a line of the ledger. With an Idempotency-Key a deed is done once."""

    serializer_class = PassOut
    scopes = {
        "list": READ, "retrieve": READ, "create": WRITE, "hold": WRITE, "resume": WRITE, "adjust": WRITE,
        "give": WRITE, "refund": WRITE, "refund_quote": READ,
    }  # fmt: skip

    @extend_schema(parameters=[OpenApiParameter("member", int, description="Only this member's.")])
    def list(self, request: Request) -> Response:
        member = whole(request, "member", 0, 0, ID_MOST) if "member" in request.query_params else None
        whose = selectors.member(self.tenant, member) if member is not None else None
        return self.paged(reads.pass_list(self.tenant, whose).order_by("-id"), PassOut)

    @extend_schema(responses=PassDetailOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(reads.pass_(self.tenant, int(pk)))

    @extend_schema(request=PassIn, responses={201: PassDetailOut})
    @idempotent
    def create(self, request: Request) -> Response:
        data = self.clean(PassIn, request.data)
        member = selectors.member(self.tenant, data.pop("member"))
        kind = reads.type_(self.tenant, data.pop("type")) if data.get("type") else data.pop("type", None)
        one = services.open_pass(**who(self), member=member, type=kind, **data)
        return self._answer(one, 201)

    @extend_schema(request=HoldIn, responses=PassDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def hold(self, request: Request, pk: str) -> Response:
        return self._do(pk, HoldIn, services.hold)

    @extend_schema(request=ResumeIn, responses=PassDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def resume(self, request: Request, pk: str) -> Response:
        return self._do(pk, ResumeIn, services.resume)

    @extend_schema(request=AdjustIn, responses=PassDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def adjust(self, request: Request, pk: str) -> Response:
        return self._do(pk, AdjustIn, services.adjust)

    @extend_schema(request=GiveIn, responses=PassDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def give(self, request: Request, pk: str) -> Response:
        """Hand what remains to another member; the answer is the pass there."""
        one, data = reads.pass_(self.tenant, int(pk)), self.clean(GiveIn, request.data)
        to = selectors.member(self.tenant, data.pop("to"))
        return self._answer(pass_ends.give(**who(self), one=one, to=to, **data))

    @extend_schema(request=RefundIn, responses=PassDetailOut)
    @action(detail=True, methods=["post"])
    @idempotent
    def refund(self, request: Request, pk: str) -> Response:
        """Close it and note what was paid back; no money moves here."""
        return self._do(pk, RefundIn, pass_ends.refund)

    @extend_schema(
        parameters=[
            OpenApiParameter("by", str, enum=["days", "sessions"]),
            OpenApiParameter("rule", str, enum=RefundRule.values, description="That of its type unless given."),
            OpenApiParameter("percent", int, description="The penalty; that of its type unless given."),
        ],
        responses=RefundQuoteOut,
    )
    @action(detail=True, methods=["get"], url_path="refund-quote")
    def refund_quote(self, request: Request, pk: str) -> Response:
        """What would be paid back today, line by line; nothing is written."""
        one = reads.pass_(self.tenant, int(pk))
        by = request.query_params.get("by", "")
        percent = whole(request, "percent", 0, 0, 100) if "percent" in request.query_params else None
        rule = request.query_params.get("rule", "")
        found = pass_ends.quote(self.tenant, one, by_what=by, percent=percent, rule=rule)
        return Response(RefundQuoteOut(found).data)

    def _do(self, pk: str, shape: type[Body], deed: Callable[..., Pass]) -> Response:
        one = reads.pass_(self.tenant, int(pk))
        return self._answer(deed(**who(self), one=one, **self.clean(shape, self.request.data)))

    def _answer(self, one: Pass, status: int = 200) -> Response:
        return Response(PassDetailOut(one).data, status=status)


def who(viewset: TenantViewSet) -> dict[str, Any]:
    """Who does a deed, and the deed's own name in its ledger."""
    return {"tenant": viewset.tenant, "by": viewset.by, "reference": new_reference()}


routes = [("pass-types", PassTypeViewSet), ("passes", PassViewSet)]
