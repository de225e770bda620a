"""The texts of a dispatch and their results as rows of a file, for accounts.exports."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.exports import Column
from accounts.models import Tenant
from messaging.enums import BatchState, MessageState
from messaging.models import Dispatch
from messaging.selectors.messages import failure_words, messages

CHUNK = 2_000
EXPORT_COLUMNS = [
    Column(_("이름"), "name"),
    Column(_("휴대폰"), "phone"),
    Column(_("결과")),
    Column(_("이유"), width=30),
    Column(_("종류"), width=8),
    Column(_("보낸 때"), "datetime"),
    Column(_("결과 받은 때"), "datetime"),
    Column(_("내용"), width=60),
]
_FINE = {MessageState.DELIVERED, *BatchState.values} - {BatchState.REJECTED, BatchState.EXPIRED, BatchState.CANCELLED}


def export_rows(tenant: Tenant, params: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Texts of the dispatch `params["dispatch"]`, by phone, in chunks that are each a short query.

    With `params["masked"]` the text is the one that was written: the merged ones call people by their names.
    """
    dispatch = Dispatch.objects.filter(tenant=tenant, pk=params["dispatch"]).first()
    if dispatch is None:
        return
    last = ""
    found: Any = messages(dispatch).order_by("phone")
    while chunk := list(found.filter(phone__gt=last)[:CHUNK]):
        for row in chunk:
            yield _row(row, dispatch.text if params.get("masked") else row.full_text)
        last = chunk[-1].phone


def _row(row: Any, text: str) -> tuple[Any, ...]:
    state = row.effective_state
    label = MessageState(state).label if state in MessageState.values else BatchState(state).label
    why = "" if state in _FINE else failure_words(row.effective_reason or state)[0]
    return row.name, row.phone, label, why, row.type, row.sent_at, row.result_at, text
