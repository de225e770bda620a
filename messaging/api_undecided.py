"""Batches whose fate only a person can say, over the REST API: ours beside Aligo's list, and that person's word."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, TenantViewSet
from accounts.enums import Scope
from messaging.exceptions import NotListed
from messaging.models import Batch
from messaging.selectors import settling
from messaging.services import asking, reconcile

THIS, SENT, AGAIN = WORDS = ("this", "sent", "again")


class DecisionIn(Body):
    word = serializers.ChoiceField(
        choices=WORDS,
        help_text="this: it is the text of Aligo's list named by provider_id. sent: it was sent, under no id we know; "
        "its results stay unknown. again: it was not sent, and leaves again unless `stays` says why not.",
    )
    attempt = serializers.IntegerField(
        min_value=1, help_text="The batch's, as it was listed: the word is about this try."
    )
    provider_id = serializers.CharField(
        required=False, max_length=40, help_text="With this, and only then: an id of `listed`."
    )


class ListedOut(serializers.Serializer):
    id = serializers.CharField()
    type = serializers.CharField()
    count = serializers.IntegerField()
    text = serializers.CharField(help_text="Its beginning, as Aligo shows it.")
    at = serializers.DateTimeField(allow_null=True)


class UndecidedOut(serializers.ModelSerializer):
    dispatch = serializers.IntegerField(source="dispatch_id")
    attempt = serializers.IntegerField(source="attempts", help_text="How often it was tried.")
    recipients = serializers.IntegerField(source="open_count", help_text="People of whom nothing is known.")
    text = serializers.SerializerMethodField(help_text="The text, or that of the first person where texts differ.")
    attempted_at = serializers.DateTimeField(source="attempt_started_at", allow_null=True)
    stays = serializers.SerializerMethodField(
        help_text='Why it would not leave again: "cancelled", "expired", or empty where it would.'
    )
    listed = serializers.SerializerMethodField(help_text="Texts of Aligo's list to exactly these people.")

    class Meta:
        model = Batch
        fields = [
            "id", "dispatch", "type", "title", "text", "sender", "recipients", "attempt", "attempted_at",
            "undecided_at", "stays", "listed",
        ]  # fmt: skip

    def get_text(self, batch: Batch) -> str:
        return str(batch.text or batch.sample or "")  # type: ignore[attr-defined]

    def get_stays(self, batch: Batch) -> str:
        return settling.stays(batch)

    @extend_schema_field(ListedOut(many=True))
    def get_listed(self, batch: Batch) -> Any:
        return ListedOut(self.context["listed"].get(batch.pk, []), many=True).data


class UndecidedViewSet(TenantViewSet):
    """What nobody but a person can settle: whether a text was sent whose answer was lost."""

    serializer_class = UndecidedOut
    scopes = {"list": Scope.MESSAGES_READ, "decide": Scope.MESSAGES_SEND, "look": Scope.MESSAGES_SEND}

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(settling.undecided(self.tenant)) or []
        context = {**self.get_serializer_context(), "listed": settling.candidates(page)}
        return self.get_paginated_response(UndecidedOut(page, many=True, context=context).data)

    @extend_schema(request=DecisionIn, responses={204: None})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        batch = Batch.objects.filter(tenant=self.tenant, pk=int(pk)).first()
        if batch is None:
            raise Http404
        said = self.clean(DecisionIn, request.data)
        chosen = said.get("provider_id", "")
        if (said["word"] == THIS) != bool(chosen) or (chosen and chosen not in settling.ids_of(batch)):
            raise NotListed(fields={"provider_id": [NotListed.message]})
        reconcile.decide(
            tenant=self.tenant,
            by=self.by,
            batch=batch,
            attempt=said["attempt"],
            sent=said["word"] != AGAIN,
            provider_id=chosen,
        )
        return Response(status=204)

    @extend_schema(request=None, responses={202: None})
    @action(detail=False, methods=["post"])
    def look(self, request: Request) -> Response:
        """Looks at Aligo's list once more, soon; refused where one was looked at just now."""
        self.clean_nothing()
        asking.look_now(tenant=self.tenant, by=self.by)
        return Response(status=202)
