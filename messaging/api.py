"""Texts over the REST API, by the same services as the pages: dispatches, balance, senders, opt-outs."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, TenantViewSet
from accounts.api_errors import Conflict
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from members.enums import Stage
from messaging import selectors
from messaging.api_sending import SendingViewSet
from messaging.api_undecided import UndecidedViewSet
from messaging.drafting import DUE, NOW, RECENT_MOST, Audience, Draft
from messaging.enums import AccountMode, DispatchState, ExcludedReason, OptOutScope, OptOutSource, Source, Type, Via
from messaging.exceptions import TemplateNotFound
from messaging.models import Dispatch, Message, OptOut, Sender
from messaging.selectors import forecasts, templates
from messaging.selectors.dispatches import OPEN, SETTLED
from messaging.services import accounts, compose, optouts, senders
from messaging.services.quoting import balance_of

READ, SEND, SETTINGS = Scope.MESSAGES_READ, Scope.MESSAGES_SEND, Scope.SETTINGS_WRITE
IDS_MOST = 100_000
ASKED_MOST = 30_000  # ids that one query names: SQLite as most systems build it takes no more
STATES = [*OPEN, *SETTLED]
COUNTED = ["total", *OPEN, *SETTLED, "excluded"]


class NotAwaiting(Conflict):
    code = "not_awaiting_approval"
    message = gettext_lazy("승인을 기다리는 발송이 아니에요.")


class NotYet(Refusal):
    code = "not_ready"


class TemplateGone(Refusal):
    """A dispatch that names no kept text of ours: wrong with the body, so 422 and not 404."""

    code = "template_not_found"
    message = TemplateNotFound.message


def _ids(most: int = IDS_MOST, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=most, **kwargs)


# --- What comes in -------------------------------------------------------------------------------------------------


class ExceptIn(Body):
    members = _ids(required=False)
    groups = _ids(ASKED_MOST, required=False)
    phones = serializers.ListField(child=serializers.CharField(max_length=80), max_length=IDS_MOST, required=False)


class LeftOutIn(ExceptIn):
    dead = serializers.BooleanField(required=False, help_text="Numbers that came back three times as nobody's.")
    segments = _ids(ASKED_MOST, required=False)
    tags = _ids(ASKED_MOST, required=False)
    stages = serializers.ListField(child=serializers.ChoiceField(Stage.choices), max_length=10, required=False)
    recent_days = serializers.IntegerField(
        min_value=1,
        max_value=RECENT_MOST,
        required=False,
        help_text="Who was texted in so many days; tests don't count.",
    )
    unpaid = serializers.BooleanField(required=False, help_text="Who is behind with dues.")


class AudienceIn(ExceptIn):
    segments = _ids(ASKED_MOST, required=False)
    all = serializers.BooleanField(required=False)
    unpaid = serializers.BooleanField(
        required=False, help_text="A reminder: of all these only who is behind with dues, asked again as it leaves."
    )
    via = serializers.ChoiceField(
        ["self", *Via.values], required=False, help_text="Whose number a member's text goes to; one text a phone."
    )
    as_of = serializers.ChoiceField(
        [DUE, NOW], required=False, help_text="Whom a schedule means: who fits when it is due, or those who fit now."
    )

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "except": LeftOutIn(required=False)}  # the contract's word is Python's too


class DispatchIn(Body):
    to = AudienceIn()
    text = serializers.CharField(max_length=8000, trim_whitespace=False, allow_blank=True, required=False)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sender = serializers.CharField(max_length=20, required=False, allow_blank=True)
    template = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    images = _ids(required=False)
    ad = serializers.BooleanField(required=False)
    # "each": members who share a phone get a text each, for the reason given; "one": one text a phone.
    same_phone = serializers.ChoiceField(["one", "each"], required=False)
    same_phone_reason = serializers.CharField(max_length=100, required=False, allow_blank=True)
    send_at = serializers.DateTimeField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    name = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.pop("images", None):
            raise NotYet(_("아직 쓸 수 없는 항목이에요."), fields={"images": [_("아직 쓸 수 없는 항목이에요.")]})
        if "text" not in data and not data.get("template") and not self.partial:
            raise serializers.ValidationError({"text": self.fields["text"].error_messages["required"]})
        if "to" in data:
            data["to"] = Audience.from_json(data["to"])
        if "same_phone" in data:
            data["each"] = data.pop("same_phone") == "each"
        if "same_phone_reason" in data:
            data["each_reason"] = data.pop("same_phone_reason")
        return data


class ResendIn(Body):
    only = serializers.ChoiceField(["failed", "selected", "newcomers"], default="failed")
    messages = _ids(ASKED_MOST, required=False)


class SenderIn(Body):
    number = serializers.CharField(max_length=20)
    label = serializers.CharField(max_length=30, required=False, allow_blank=True)  # type: ignore[assignment]


class OptOutIn(Body):
    phone = serializers.CharField(max_length=40)
    scope = serializers.ChoiceField(OptOutScope.choices, default=OptOutScope.ALL)
    source = serializers.CharField(max_length=60, default=OptOutSource.API)  # type: ignore[assignment]


# --- What goes out -------------------------------------------------------------------------------------------------


class BalanceOut(serializers.Serializer):
    """How many of each type the account can still send: alternatives out of one purse."""

    SMS = serializers.IntegerField(source="sms", allow_null=True)
    LMS = serializers.IntegerField(source="lms", allow_null=True)
    MMS = serializers.IntegerField(source="mms", allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    state = serializers.CharField()


class BalanceAheadOut(BalanceOut):
    """The balance, what scheduled and waiting texts will take, and what remains then: below zero is too little."""

    planned = serializers.DictField(child=serializers.IntegerField())
    forecast = serializers.DictField(child=serializers.IntegerField(allow_null=True))


class NoticeOut(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class QuoteOut(serializers.Serializer):
    recipients = serializers.IntegerField()
    excluded = serializers.DictField(child=serializers.IntegerField())
    types = serializers.DictField(child=serializers.IntegerField())
    longest_bytes = serializers.IntegerField()
    unsendable_characters = serializers.ListField(child=serializers.CharField())
    balance = BalanceOut()
    enough = serializers.BooleanField()
    planned = serializers.DictField(child=serializers.IntegerField())
    forecast = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    own_number = serializers.IntegerField(help_text="Members without such a contact (`to.via`): to their own number.")
    dead_number = serializers.IntegerField(help_text="Recipients whose number came back three times.")
    notices = NoticeOut(many=True)


class CountsOut(serializers.Serializer):
    """All but `excluded` add up to `total`, which is null until prepared."""

    total = serializers.IntegerField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: serializers.IntegerField() for name in COUNTED[1:]}}


class DispatchOut(serializers.ModelSerializer):
    """A dispatch with its counts; the view hands them over in one look (`counts` of the context)."""

    state = serializers.ChoiceField(DispatchState.choices)
    held_reason = serializers.SerializerMethodField()
    resend_of = serializers.IntegerField(source="resend_of_id", allow_null=True)
    via = serializers.SerializerMethodField()
    same_phone = serializers.SerializerMethodField()
    same_phone_of = serializers.IntegerField(source="first_id", allow_null=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Dispatch
        fields = [
            "id", "name", "state", "held_reason", "text", "title", "sender", "ad", "mode", "source", "resend_of",
            "via", "same_phone", "same_phone_of", "send_at", "asked_at", "expires_at", "created_at", "first_sent_at",
            "finished_at", "counts",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(["self", *Via.values]))
    def get_via(self, dispatch: Dispatch) -> str:
        return dispatch.via or "self"

    @extend_schema_field(serializers.ChoiceField(["one", "each"]))
    def get_same_phone(self, dispatch: Dispatch) -> str:
        return "each" if dispatch.each_reason else "one"

    def get_held_reason(self, dispatch: Dispatch) -> str | None:
        return dispatch.held_reason or None

    @extend_schema_field(CountsOut)
    def get_counts(self, dispatch: Dispatch) -> dict[str, int | None]:
        known = self.context.get("counts") or {}
        return known.get(dispatch.pk) or selectors.counts(dispatch)


class SubmittedOut(DispatchOut):
    notices = serializers.SerializerMethodField()

    class Meta(DispatchOut.Meta):
        fields = [*DispatchOut.Meta.fields, "notices"]

    @extend_schema_field(NoticeOut(many=True))
    def get_notices(self, dispatch: Dispatch) -> list[dict[str, str]]:
        told: list[tuple[str, str]] = list(getattr(dispatch, "notices", []))
        if dispatch.mode == AccountMode.SANDBOX:
            told.append(("sandbox", _("연습 계정이라 실제로 보내지 않아요. 알리고를 연결하면 실제로 보내요.")))
        return [{"code": code, "message": said} for code, said in told]


class MessageOut(serializers.Serializer):
    id = serializers.IntegerField()
    phone = serializers.CharField()
    member = serializers.IntegerField(source="member_id", allow_null=True)
    name = serializers.CharField()
    text = serializers.CharField(source="full_text")
    type = serializers.ChoiceField(Type.choices)
    state = serializers.ChoiceField(STATES, source="effective_state")
    reason = serializers.SerializerMethodField()
    provider_state = serializers.SerializerMethodField()
    sent_at = serializers.DateTimeField(allow_null=True)
    result_at = serializers.DateTimeField(allow_null=True)

    def get_reason(self, message: Message) -> str | None:
        return message.effective_reason or None  # type: ignore[attr-defined]

    def get_provider_state(self, message: Message) -> str | None:
        return message.provider_state or None


class ExcludedOut(serializers.Serializer):
    phone = serializers.CharField()
    member = serializers.IntegerField(source="member_id", allow_null=True)
    name = serializers.CharField()
    reason = serializers.ChoiceField(ExcludedReason.choices)


class SenderOut(serializers.ModelSerializer):
    class Meta:
        model = Sender
        fields = ["id", "number", "label", "is_default", "created_at"]


class OptOutOut(serializers.ModelSerializer):
    class Meta:
        model = OptOut
        fields = ["id", "phone", "scope", "source", "at"]


# --- Views ---------------------------------------------------------------------------------------------------------

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
