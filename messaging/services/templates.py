"""문구: texts kept to be used again. A kept text could be sent as it is: what compose would refuse is refused here."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts import audit
from accounts.models import Tenant
from messaging.drafting import Draft
from messaging.exceptions import InvalidTemplate, TemplateNameTaken, TemplateNotFound, TooManyTemplates
from messaging.models import Template
from messaging.services.checking import check_words
from messaging.text import normalise

TEMPLATES_MOST = 500
NAME_LONGEST = 40


def create(*, tenant: Tenant, by: audit.Actor, name: str, text: str, title: str = "", ad: bool = False) -> Template:
    """A new kept text at the end of the list; TemplateNameTaken where the name is in use."""
    values = _clean(tenant, {"name": name, "text": text, "title": title, "ad": ad})
    try:
        with transaction.atomic():
            mine = Template.objects.filter(tenant=tenant)
            if mine.count() >= TEMPLATES_MOST:
                raise TooManyTemplates
            last = mine.aggregate(last=Max("position"))["last"] or 0
            row = Template.objects.create(tenant=tenant, by=audit.user_of(by), position=last + 1, **values)
            audit.record(tenant=tenant, by=by, kind="template.created", subject=row)
    except IntegrityError as error:
        raise _taken() from error
    return row


def update(*, tenant: Tenant, by: audit.Actor, template: Template, **changes: Any) -> Template:
    """Change what is given of name, text, title and ad; drafts that copied the text keep theirs."""
    try:
        with transaction.atomic():
            held = Template.objects.select_for_update().filter(tenant=tenant, pk=template.pk).first()
            if held is None:
                raise TemplateNotFound
            before = {name: getattr(held, name) for name in ("name", "text", "title", "ad")}
            clean = _clean(tenant, before | changes)
            changed = [name for name, value in clean.items() if before[name] != value]
            for name in changed:
                setattr(held, name, clean[name])
            if changed:
                held.save(update_fields=[*changed, "changed_at"])
                audit.record(tenant=tenant, by=by, kind="template.changed", subject=held, fields=changed)
    except IntegrityError as error:
        raise _taken() from error
    return held


@transaction.atomic
def delete(*, tenant: Tenant, by: audit.Actor, template: Template) -> None:
    """Forget a kept text; what was sent with it stays as it was sent. Twice is once."""
    gone, _each = Template.objects.filter(tenant=tenant, pk=template.pk).delete()
    if gone:
        audit.record(tenant=tenant, by=by, kind="template.deleted", subject=f"template:{template.pk}")


def _clean(tenant: Tenant, values: dict[str, Any]) -> dict[str, Any]:
    name = " ".join(normalise(str(values["name"])).split())
    if not 0 < len(name) <= NAME_LONGEST:
        raise InvalidTemplate(fields={"name": [InvalidTemplate.message]})
    title = " ".join(normalise(str(values["title"])).split())
    draft = Draft(text=normalise(str(values["text"])).strip("\n"), title=title, ad=bool(values["ad"]))
    for problem in check_words(tenant=tenant, draft=draft):
        raise problem
    return {"name": name, "text": draft.text, "title": draft.title, "ad": draft.ad}


def _taken() -> TemplateNameTaken:
    return TemplateNameTaken(fields={"name": [TemplateNameTaken.message]})
