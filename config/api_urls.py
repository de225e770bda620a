"""The REST API, its schema and the page to try it."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from accounts.permissions import public

router = SimpleRouter(trailing_slash=False)
for module in ("members.api", "members.api_imports", "messaging.api"):
    if find_spec(module):
        for prefix, viewset in import_module(module).routes:
            router.register(prefix, viewset, basename=prefix)

urlpatterns = [
    path("v1/", include((router.urls, "api"))),
    path("schema/", public(SpectacularAPIView.as_view()), name="api-schema"),
    path("docs/", public(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
]
