"""Saved views: a search that is used again, one person's or everybody's."""

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant, User
from members.exceptions import InvalidView
from members.models import SavedView

NAME_LONGEST = 30
VIEWS_MOST = 30
PARAMS = ("search", "group", "segment", "mark", "sort")


@transaction.atomic
def save(*, tenant: Tenant, by: User, name: str, params: dict[str, Any], shared: bool = False) -> SavedView:
    """Keep a search under a name; the same name of the same owner is overwritten."""
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= NAME_LONGEST:
        raise InvalidView(fields={"name": [InvalidView.message]})
    owner = None if shared else by
    kept = {key: str(params[key])[:100] for key in PARAMS if params.get(key)}
    mine = SavedView.objects.filter(tenant=tenant, owner=owner)
    view = mine.filter(name=name).first()
    if view is None:
        if mine.count() >= VIEWS_MOST:
            raise InvalidView(_("보기는 30개까지 저장할 수 있어요. 쓰지 않는 보기를 지워 주세요."))
        last = mine.aggregate(last=Max("position"))["last"] or 0
        view = SavedView(tenant=tenant, owner=owner, name=name, position=last + 1)
    view.params = kept
    view.save()
    audit.record(tenant=tenant, by=by, kind="view.saved", subject=view, shared=shared)
    return view


@transaction.atomic
def delete(*, tenant: Tenant, by: Actor, view: SavedView) -> None:
    """Forget a view; twice is once."""
    gone, _each = SavedView.objects.filter(tenant=tenant, pk=view.pk).delete()
    if gone:
        audit.record(tenant=tenant, by=by, kind="view.deleted", subject=f"savedview:{view.pk}")


def query(view: SavedView) -> str:
    """The view as the query of the list's address."""
    return urlencode(view.params)
