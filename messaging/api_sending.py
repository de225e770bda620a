"""The tenant-wide stop over the REST API: whether all is stopped, what waits, stop and go on."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import TenantViewSet
from accounts.enums import Scope
from messaging.selectors import stops
from messaging.services import policies


class WaitingOut(serializers.Serializer):
    """Dispatches that the stop keeps back: `leaving` at once on going on with `texts`, as far as they are counted;
    `nightly` ones are ads that wait for the morning, `late` ones ask a person first, `expired` ones stay."""

    leaving = serializers.IntegerField()
    texts = serializers.IntegerField()
    nightly = serializers.IntegerField()
    late = serializers.IntegerField()
    expired = serializers.IntegerField()


class SendingOut(serializers.Serializer):
    stopped = serializers.BooleanField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    stopped_by = serializers.CharField()
    waiting = WaitingOut()


class SendingViewSet(TenantViewSet):
    """Whether the tenant's texts may leave at all."""

    scopes = {"list": Scope.MESSAGES_READ, "stop": Scope.MESSAGES_SEND, "go_on": Scope.MESSAGES_SEND}
    pagination_class = None
    serializer_class = SendingOut

    @extend_schema(responses={200: forced_singular_serializer(SendingOut)})
    def list(self, request: Request) -> Response:
        return self._told()

    @extend_schema(request=None, responses={200: SendingOut})
    @action(detail=False, methods=["post"])
    def stop(self, request: Request) -> Response:
        self.clean_nothing()
        policies.stop_all(tenant=self.tenant, by=self.by)
        return self._told()

    @extend_schema(request=None, responses={200: SendingOut})
    @action(detail=False, methods=["post"], url_path="go-on")
    def go_on(self, request: Request) -> Response:
        self.clean_nothing()
        policies.go_on(tenant=self.tenant, by=self.by)
        return self._told()

    def _told(self) -> Response:
        now = stops.status(self.tenant)
        body: dict[str, Any] = {
            "stopped": now.stopped_at is not None,
            "stopped_at": now.stopped_at,
            "stopped_by": now.stopped_by,
            "waiting": stops.waiting(self.tenant),
        }
        return Response(SendingOut(body).data)
