"""Private files: what was uploaded and what was exported, each behind a link that ends."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render

from accounts import exports, selectors, uploads
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from ui.numbers import whole

ROWS = 50


@requires(Permission.MEMBER_VIEW)
def file_download(request: TenantRequest, token: str) -> HttpResponse:
    upload = uploads.by_token(request.tenant, token)
    if upload is None:
        raise Http404
    return _file(uploads.open_(upload), upload.name)  # type: ignore[return-value]


@requires(Permission.MEMBER_EXPORT)
def export_list(request: TenantRequest) -> HttpResponse:
    rows = selectors.exports(request.tenant)
    if before := whole(request.GET.get("cursor", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: ROWS + 1])
    shown = [
        (row, exports.title_of(row.kind), exports.link(row) if row.is_downloadable else "") for row in found[:ROWS]
    ]
    context = {
        "rows": shown,
        "following": str(found[ROWS - 1].pk) if len(found) > ROWS else "",
        "working": any(row.state in {"waiting", "working"} for row in found[:ROWS]),
    }
    bare = request.htmx and not request.htmx.history_restore_request
    response = render(request, "accounts/exports.html#results" if bare else "accounts/exports.html", context)
    response["Vary"] = "HX-Request"
    return response


@requires(Permission.MEMBER_EXPORT)
def export_download(request: TenantRequest, token: str) -> HttpResponse:
    row, file = exports.download(tenant=request.tenant, by=request.user, token=token)
    return _file(file, exports.file_name(row))  # type: ignore[return-value]


def _file(file: Any, name: str) -> FileResponse:
    """Always a download, never shown in the browser, never kept by a cache."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
