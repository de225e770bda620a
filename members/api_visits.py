"""Visits over the REST API: a turnstile or another program says who came."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import ID_MOST, Body, TenantViewSet
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent, new_reference
from members import selectors
from members.api_passes import PassOut
from members.enums import AttendanceWay
from members.exceptions import MemberNotFound
from members.models import Member
from members.selectors import passes as pass_reads
from members.selectors import visits as reads
from members.services import attendance
from ui import times

MATCHES_MOST = 20


class VisitIn(Body):
    """One of `member`, `code` (what a member's QR says) and `digits` (the end of a number, four to eight)."""

    member = serializers.IntegerField(min_value=1, max_value=ID_MOST, required=False)
    code = serializers.RegexField(r"^[0-9]{1,64}$", required=False)
    digits = serializers.RegexField(r"^[0-9]{4,8}$", required=False)
    use = serializers.IntegerField(min_value=1, max_value=ID_MOST, required=False, help_text="The pass to be used.")
    at = serializers.DateTimeField(required=False)


class VisitOut(serializers.Serializer):
    id = serializers.IntegerField()
    member = serializers.IntegerField(source="member_id")
    used = serializers.IntegerField(source="used_id", allow_null=True)
    on = serializers.DateField()
    at = serializers.DateTimeField()
    way = serializers.ChoiceField(AttendanceWay.choices)
    undone_at = serializers.DateTimeField(allow_null=True)


class CheckInOut(serializers.Serializer):
    visit = VisitOut()
    pass_used = PassOut(allow_null=True)
    again = serializers.BooleanField(help_text="It was there already: the same tap, or one within ten minutes.")
    without = serializers.CharField(help_text="Why no pass was used: no_pass, expired, used_up, held; or empty.")


class VisitViewSet(TenantViewSet):
    """Visits of a day. A second visit of a member within ten minutes is the first one."""

    serializer_class = VisitOut
    scopes = {
        "list": Scope.MEMBERS_READ, "retrieve": Scope.MEMBERS_READ, "create": Scope.MEMBERS_WRITE,
        "undo": Scope.MEMBERS_WRITE,
    }  # fmt: skip

    @extend_schema(parameters=[OpenApiParameter("on", date, description="Today unless given.")])
    def list(self, request: Request) -> Response:
        rows = reads.visits(self.tenant, _day(request.query_params.get("on", "")))
        return self.paged(rows.order_by("-id"), VisitOut)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(VisitOut(reads.visit(self.tenant, int(pk))).data)

    @extend_schema(request=VisitIn, responses={201: CheckInOut})
    @idempotent
    def create(self, request: Request) -> Response:
        """Check in. 409 `several_members` where more than one number ends so: ask again with `member`."""
        data = self.clean(VisitIn, request.data)
        member = self._member(data)
        one = pass_reads.pass_(self.tenant, data["use"]) if "use" in data else None
        done = attendance.check_in(
            tenant=self.tenant, by=self.by, member=member, way=AttendanceWay.API, key=new_reference(), one=one,
            at=data.get("at"),
        )  # fmt: skip
        body = {"visit": done.visit, "pass_used": done.used, "again": done.again, "without": done.without}
        return Response(CheckInOut(body).data, status=201)

    @extend_schema(request=None, responses=VisitOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take it back, and what it used of a pass; twice is once."""
        self.clean_nothing()
        visit = reads.visit(self.tenant, int(pk))
        return Response(VisitOut(attendance.undo(tenant=self.tenant, by=self.by, visit=visit)).data)

    def _member(self, data: dict[str, Any]) -> Member:
        if len({"member", "code", "digits"} & set(data)) != 1:
            sentence = _("member, code, digits 가운데 하나만 보내 주세요.")
            raise Refusal(sentence, code="invalid", fields={"member": [sentence]})
        if "member" in data:
            return selectors.member(self.tenant, data["member"])
        if "code" in data:
            member = reads.by_code(self.tenant, data["code"])
            if member is None:
                raise MemberNotFound
            return member
        found = reads.by_digits(self.tenant, data["digits"], MATCHES_MOST)
        if not found:
            raise MemberNotFound
        if len(found) > 1:
            refusal = Refusal(_("이 번호로 끝나는 회원이 여럿이에요. member로 보내 주세요."), code="several_members")
            refusal.status = 409
            raise refusal
        return found[0].member


def _day(asked: str) -> date:
    try:
        return date.fromisoformat(asked) if asked else times.today()
    except ValueError:
        sentence = _("날짜는 2026-11-28처럼 적어 주세요.")
        raise Refusal(sentence, code="invalid", fields={"on": [sentence]}) from None


routes = [("visits", VisitViewSet)]
