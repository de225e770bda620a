"""The page of presets: what is inside each, taking and removing one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import presets
from members.models import PresetUse
from members.services import presets as services
from members.views.answers import go, page

KEPT_NAMED = 8


@requires(Permission.SETTINGS_EDIT)
@require_GET
def preset_list(request: TenantRequest) -> HttpResponse:
    uses = {use.preset: use for use in PresetUse.objects.filter(tenant=request.tenant, removed_at=None)}
    return page(request, "members/presets.html", {"rows": [_row(one, uses) for one in presets.PRESETS.values()]})


@requires(Permission.SETTINGS_EDIT)
@require_POST
def preset_take(request: TenantRequest, preset: str) -> HttpResponse:
    try:
        use = services.take(tenant=request.tenant, by=request.user, preset=preset)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal))
        return go(request, "members:preset-list")
    values = {"title": presets.PRESETS[preset].title, "n": services.made_count(use)}
    messages.success(request, _("‘%(title)s’ 꾸러미를 담았어요. %(n)s가지를 새로 만들었어요.") % values)
    return go(request, "members:preset-list")


@requires(Permission.SETTINGS_EDIT)
@require_POST
def preset_remove(request: TenantRequest, preset: str) -> HttpResponse:
    removed = services.remove(tenant=request.tenant, by=request.user, preset=preset)
    if removed.kept:
        named = ", ".join(name for _part, name in removed.kept[:KEPT_NAMED])
        values = {"names": named, "n": len(removed.kept)}
        said = _("꾸러미를 치웠어요. 쓰고 있거나 고치신 %(n)s가지는 남겨 두었어요: %(names)s")
        messages.info(request, said % values)
    else:
        messages.success(request, _("꾸러미를 치웠어요."))
    return go(request, "members:preset-list")


def _row(preset: presets.Preset, uses: dict[str, PresetUse]) -> dict[str, Any]:
    """A preset with what is in each part, in the order of the parts."""
    inside = [(part.title, name, preset.items(name)) for name, part in presets.parts().items() if preset.items(name)]
    return {"preset": preset, "use": uses.get(preset.key), "parts": inside}
