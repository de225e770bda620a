"""설정 › 태그: the tenant's one set of tags."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import selectors as accounts
from accounts.exceptions import InvalidTag, Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from accounts.services import tags as services
from members.contact_forms import TagForm
from members.selectors import in_use
from members.selectors.tags import counted_tags
from members.views.answers import blame, go, page, wants_part
from ui.numbers import whole


@requires(Permission.MEMBER_VIEW)
@require_GET
def tag_list(request: TenantRequest) -> HttpResponse:
    return _listed(request, TagForm())


@requires(Permission.MEMBER_EDIT)
@require_POST
def tag_add(request: TenantRequest) -> HttpResponse:
    form = TagForm(request.POST)
    if form.is_valid():
        try:
            tag = services.create(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("‘%(name)s’ 태그를 만들었어요.") % {"name": tag.name})
            return go(request, "members:tag-list")
    return _listed(request, form, status=422)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def tag_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """A dialog for htmx, a page of its own without it."""
    tag = accounts.tag(request.tenant, pk)
    form = TagForm(request.POST or None, initial={"name": tag.name, "tone": tag.tone})
    if request.method == "POST" and form.is_valid():
        try:
            services.update(tenant=request.tenant, by=request.user, tag=tag, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요."))
            return go(request, "members:tag-list")
    others, users = accounts.tags(request.tenant).exclude(pk=tag.pk), in_use.tags(request.tenant).get(tag.pk, [])
    context = {"tag": tag, "form": form, "others": others, "used_by": ", ".join(users)}
    template = "members/tag_form.html#form" if wants_part(request) else "members/tag_form.html"
    return page(request, template, context, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_POST
def tag_delete(request: TenantRequest, pk: int) -> HttpResponse:
    tag = accounts.tag(request.tenant, pk)
    services.delete(tenant=request.tenant, by=request.user, tag=tag)
    messages.success(request, _("‘%(name)s’ 태그를 지웠어요. 회원은 그대로 있어요.") % {"name": tag.name})
    return go(request, "members:tag-list")


@requires(Permission.MEMBER_EDIT)
@require_POST
def tag_merge(request: TenantRequest, pk: int) -> HttpResponse:
    """Whatever carries this tag carries the other (`into`) from now on."""
    gone, into = accounts.tag(request.tenant, pk), whole(request.POST.get("into", ""))
    try:
        if into is None:
            raise InvalidTag(InvalidTag.itself)
        kept = accounts.tag(request.tenant, into)
        services.merge(tenant=request.tenant, by=request.user, gone=gone, kept=kept)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("‘%(gone)s’ 태그를 ‘%(kept)s’ 태그에 합쳤어요.") % {"gone": gone.name, "kept": kept.name}
        messages.success(request, said)
    return go(request, "members:tag-list")


def _listed(request: TenantRequest, form: TagForm, **kwargs: Any) -> HttpResponse:
    rows, users = counted_tags(request.tenant), in_use.tags(request.tenant)
    for tag in rows:
        tag.used_by = ", ".join(users.get(tag.pk, ()))  # type: ignore[attr-defined]
    context = {"tags": rows, "form": form, "tab": "tags"}
    return page(request, "members/tags.html", context, **kwargs)
