"""Which text is being written on which page, so that one page's saving never buries another page's text.

A person has one draft. Its data carry the `page` (the one-time key of the page that wrote it) and, where another page
began in between (?member=…), the text that stood there before as `shelf`.
"""

from typing import Any

from accounts.models import Tenant, User
from messaging.models import Draft
from messaging.services import drafts

Data = dict[str, Any]


def says_something(data: Data) -> bool:
    """Whether it would be a loss."""
    return bool(str(data.get("text", "")).strip() or data.get("title"))


def keep(*, tenant: Tenant, by: User, page: str, data: Data) -> Draft:
    """Save the page's text; what another page had written is put on the shelf."""
    before = drafts.current(tenant, by)
    old = before.data if before else {}
    shelf = old.get("shelf") if old.get("page") == page else _alone(old)
    kept = data | {"page": page}
    if shelf and says_something(shelf):
        kept["shelf"] = shelf
    return drafts.save(tenant=tenant, by=by, data=kept)


def drop(*, tenant: Tenant, by: User, page: str) -> None:
    """The page's text was sent or thrown away; what lies on the shelf comes back, another page's text stays."""
    draft = drafts.current(tenant, by)
    if draft is None or draft.data.get("page") != page:
        return
    if shelf := draft.data.get("shelf"):
        drafts.save(tenant=tenant, by=by, data=shelf)
    else:
        drafts.discard(tenant=tenant, by=by)


def _alone(data: Data) -> Data:
    return {name: value for name, value in data.items() if name != "shelf"}
