"""The REST API, its schema and the page to try it."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from accounts.permissions import public
from members import api as members
from members import api_dues as dues
from members import api_edits as edits
from members import api_fields as fields
from members import api_imports as imports
from members import api_notes as notes
from members import api_passes as passes
from members import api_segments as segments
from members import api_tags as tags
from members import api_visits as visits
from messaging import api as messaging
from messaging import api_templates as templates

router = SimpleRouter(trailing_slash=False)
rooms = [passes, visits, dues, edits, members, fields, imports, notes, segments, tags, messaging, templates]
for prefix, viewset in [route for room in rooms for route in room.routes]:
    router.register(prefix, viewset, basename=prefix.replace("(?P<pk>[0-9]{1,18})/", ""))

urlpatterns = [
    path("v1/", include((router.urls, "api"))),
    path("schema/", public(SpectacularAPIView.as_view()), name="api-schema"),
    path("docs/", public(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
]
