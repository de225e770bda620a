"""Texts over the REST API, by the same services as the pages: dispatches, balance, senders, opt-outs."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import TenantViewSet
from accounts.api_errors import Conflict
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from messaging import selectors
from messaging.api_sending import SendingViewSet
from messaging.api_shapes import (
    STATES,
    BalanceAheadOut,
    DispatchIn,
    DispatchOut,
    ExcludedOut,
    MessageOut,
    OptOutIn,
    OptOutOut,
    QuoteOut,
    ResendIn,
    SenderIn,
    SenderOut,
    SubmittedOut,
    TemplateGone,
)
from messaging.api_undecided import UndecidedViewSet
from messaging.drafting import Draft
from messaging.enums import DispatchState, ExcludedReason, Source, Type
from messaging.exceptions import TemplateNotFound
from messaging.models import Dispatch, OptOut, Sender
from messaging.selectors import forecasts, templates
from messaging.services import accounts, compose, optouts, senders
from messaging.services.quoting import balance_of

READ, SEND, SETTINGS = Scope.MESSAGES_READ, Scope.MESSAGES_SEND, Scope.SETTINGS_WRITE


class NotAwaiting(Conflict):
    code = "not_awaiting_approval"
    message = gettext_lazy("승인을 기다리는 발송이 아니에요.")


_STATE = OpenApiParameter("state", str, enum=DispatchState.values)
_MESSAGE_STATE = OpenApiParameter("state", str, enum=STATES)


class DispatchViewSet(TenantViewSet):
    """Acts of sending: quoted, submitted, watched, stopped, sent again."""

    serializer_class = DispatchOut
    scopes = {
        "list": READ, "retrieve": READ, "messages": READ, "excluded": READ, "quote": SEND, "create": SEND,
        "partial_update": SEND, "cancel": SEND, "approve": SEND, "resume": SEND, "resend": SEND,
    }  # fmt: skip

    @extend_schema(parameters=[_STATE])
    def list(self, request: Request) -> Response:
        rows = selectors.dispatches(self.tenant)
        if state := _choice(request, "state", DispatchState.values):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows) or []
        context = {**self.get_serializer_context(), "counts": selectors.counts_of(page)}
        return self.get_paginated_response(DispatchOut(page, many=True, context=context).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self._one(pk))

    @extend_schema(request=DispatchIn, responses={200: QuoteOut})
    @action(detail=False, methods=["post"], pagination_class=None)
    def quote(self, request: Request) -> Response:
        found = compose.quote(tenant=self.tenant, draft=Draft(**self._draft(request)))
        body = {
            "recipients": found.recipients,
            "excluded": {reason: found.excluded.get(reason, 0) for reason in ExcludedReason.values},
            "types": {kind: found.types.get(kind, 0) for kind in Type.values},
            "longest_bytes": found.longest_bytes,
            "unsendable_characters": found.unsendable,
            "balance": found.balance,
            "enough": found.enough,
            "planned": found.planned,
            "forecast": found.forecast,
            "own_number": found.own_number,
            "dead_number": found.dead_number,
            "notices": [{"code": code, "message": said} for code, said in found.notices],
        }
        return Response(QuoteOut(body).data)

    @extend_schema(request=DispatchIn, responses={201: SubmittedOut})
    @idempotent
    def create(self, request: Request) -> Response:
        draft = Draft(**self._draft(request))
        dispatch = compose.submit(tenant=self.tenant, by=self.by, draft=draft, source=Source.API)
        return Response(SubmittedOut(dispatch).data, status=201)

    @extend_schema(request=DispatchIn(partial=True), responses={200: SubmittedOut})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self._draft(request, partial=True)
        changed = compose.change(tenant=self.tenant, by=self.by, dispatch=self._one(pk), **changes)
        return Response(SubmittedOut(changed, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses={200: DispatchOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        dispatch = self._named(pk)
        return self._shown(compose.cancel(tenant=self.tenant, by=self.by, dispatch=dispatch))

    @extend_schema(request=None, responses={200: DispatchOut})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        self._named(pk)
        raise NotAwaiting

    @extend_schema(request=None, responses={200: DispatchOut})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        dispatch = self._named(pk)
        return self._shown(compose.resume(tenant=self.tenant, by=self.by, dispatch=dispatch))

    @extend_schema(request=ResendIn, responses={201: SubmittedOut})
    @action(detail=True, methods=["post"])
    @idempotent
    def resend(self, request: Request, pk: str) -> Response:
        wanted = self.clean(ResendIn, request.data)
        fresh = compose.resend(tenant=self.tenant, by=self.by, dispatch=self._one(pk), **wanted)
        return Response(SubmittedOut(fresh).data, status=201)

    @extend_schema(parameters=[_MESSAGE_STATE], responses={200: MessageOut(many=True)})
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, pk: str) -> Response:
        state = _choice(request, "state", STATES)
        return self.paged(selectors.messages(self._one(pk), state or None), MessageOut)

    @extend_schema(responses={200: ExcludedOut(many=True)})
    @action(detail=True, methods=["get"])
    def excluded(self, request: Request, pk: str) -> Response:
        return self.paged(selectors.excluded(self._one(pk)), ExcludedOut)

    def _draft(self, request: Request, **kwargs: Any) -> dict[str, Any]:
        return self._filled(self.clean(DispatchIn, request.data, **kwargs))

    def _filled(self, data: dict[str, Any]) -> dict[str, Any]:
        """Text, title and ad of the kept text that was named, unless they were given."""
        pk = data.pop("template", None)
        if not pk:
            return data
        try:
            kept = templates.template(self.tenant, pk)
        except TemplateNotFound as error:
            raise TemplateGone(fields={"template": [TemplateGone.message]}) from error
        return {"text": kept.text, "title": kept.title, "ad": kept.ad} | data

    def _one(self, pk: str) -> Dispatch:
        try:
            return selectors.dispatch(self.tenant, int(pk))
        except Dispatch.DoesNotExist:
            raise Http404 from None

    def _named(self, pk: str) -> Dispatch:
        """The dispatch of an action that takes no body."""
        self.clean_nothing()
        return self._one(pk)

    def _shown(self, dispatch: Dispatch) -> Response:
        return Response(DispatchOut(dispatch, context=self.get_serializer_context()).data)


class BalanceViewSet(TenantViewSet):
    """What the Aligo account can still send."""

    scopes = {"list": READ}
    pagination_class = None
    serializer_class = BalanceAheadOut

    @extend_schema(
        parameters=[OpenApiParameter("fresh", str, description="1 asks Aligo now.")],
        responses={200: forced_singular_serializer(BalanceAheadOut)},
    )
    def list(self, request: Request) -> Response:
        fresh = request.query_params.get("fresh") in {"1", "true"}
        account = accounts.refresh_balance(tenant=self.tenant, fresh=fresh)
        now, planned = balance_of(account), forecasts.planned(account)
        body = {**asdict(now), "planned": planned, "forecast": forecasts.after(forecasts.counts(account), planned)}
        return Response(BalanceAheadOut(body).data)


class SenderViewSet(TenantViewSet):
    """Numbers that texts may come from."""

    serializer_class = SenderOut
    scopes = {"list": READ, "create": SETTINGS}

    def list(self, request: Request) -> Response:
        return self.paged(Sender.objects.filter(tenant=self.tenant, deleted_at=None).order_by("id"), SenderOut)

    @extend_schema(request=SenderIn, responses={201: SenderOut})
    @idempotent
    def create(self, request: Request) -> Response:
        sender = senders.add(tenant=self.tenant, by=self.by, **self.clean(SenderIn, request.data))
        return Response(SenderOut(sender).data, status=201)


class OptOutViewSet(TenantViewSet):
    """Phones that may not be texted."""

    serializer_class = OptOutOut
    scopes = {"list": READ, "create": SETTINGS, "destroy": SETTINGS}

    def list(self, request: Request) -> Response:
        return self.paged(OptOut.objects.filter(tenant=self.tenant).order_by("-id"), OptOutOut)

    @extend_schema(request=OptOutIn, responses={201: OptOutOut})
    @idempotent
    def create(self, request: Request) -> Response:
        row = optouts.opt_out(tenant=self.tenant, by=self.by, **self.clean(OptOutIn, request.data))
        return Response(OptOutOut(row).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        row = OptOut.objects.filter(tenant=self.tenant, pk=int(pk)).first()
        if row is None:
            raise Http404
        optouts.opt_in(tenant=self.tenant, by=self.by, optout=row)
        return Response(status=204)


def _choice(request: Request, name: str, values: list[str]) -> str:
    raw = request.query_params.get(name, "")
    if raw and raw not in values:
        sentence = _("쓸 수 있는 값: %(values)s") % {"values": ", ".join(values)}
        raise Refusal(sentence, code="invalid", fields={name: [sentence]})
    return raw


routes = [
    ("dispatches", DispatchViewSet),
    ("balance", BalanceViewSet),
    ("senders", SenderViewSet),
    ("opt-outs", OptOutViewSet),
    ("sending", SendingViewSet),
    ("undecided", UndecidedViewSet),
]
