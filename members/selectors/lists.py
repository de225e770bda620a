"""Members, groups, fields and saved views of one tenant."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from accounts.exceptions import TagNotFound
from accounts.models import Tag, Tenant, User
from members.exceptions import GroupNotFound, MemberNotFound, ViewNotFound
from members.models import Consent, Contact, Field, Group, Member, SavedView
from members.search import fold
from members.selectors.merged import ids_with, kept_of
from ui.numbers import whole

LIKE_MOST = 5
LISTED = ("groups",)  # what a member is listed with
SHOWN = (*LISTED, "member_tags__tag", "contacts")  # and what one is shown with


def member(tenant: Tenant, pk: int) -> Member:
    """A living member of the tenant, with its groups; MemberNotFound for anything else."""
    found = Member.objects.filter(tenant=tenant, pk=pk, deleted_at=None).prefetch_related(*SHOWN).first()
    if found is None:
        raise MemberNotFound
    return found


def members_by_id(tenant: Tenant, ids: Iterable[int]) -> QuerySet[Member]:
    """Those of the ids that are living members of the tenant."""
    return Member.objects.filter(tenant=tenant, deleted_at=None, pk__in=list(ids))


def consents(tenant: Tenant, member: Member) -> QuerySet[Consent]:
    """The member's ledger of consent, the latest first."""
    rows = Consent.objects.filter(tenant=tenant, member_id__in=ids_with(tenant, member))
    return rows.select_related("recorded_by").order_by("-at", "-id")


def group(tenant: Tenant, pk: int) -> Group:
    """A group of the tenant, or GroupNotFound."""
    found = Group.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise GroupNotFound
    return found


def group_list(tenant: Tenant) -> QuerySet[Group]:
    """All groups in the tenant's own order, with their counters."""
    return Group.objects.filter(tenant=tenant).order_by("position", "id")


def group_named(tenant: Tenant, word: str) -> Group:
    """A group by its name or, for programs, by its id; GroupNotFound for neither."""
    named = Q(name=word.strip())
    if (pk := whole(word)) is not None:
        named |= Q(pk=pk)
    found = Group.objects.filter(named, tenant=tenant).order_by("id").first()
    if found is None:
        raise GroupNotFound
    return found


def tag_named(tenant: Tenant, word: str) -> Tag:
    """A tag by its name or, for programs, by its id; TagNotFound for neither."""
    named = Q(name=word.strip())
    if (pk := whole(word)) is not None:
        named |= Q(pk=pk)
    found = Tag.objects.filter(named, tenant=tenant).order_by("id").first()
    if found is None:
        raise TagNotFound
    return found


def fields(tenant: Tenant) -> QuerySet[Field]:
    """The tenant's own columns, in order."""
    return Field.objects.filter(tenant=tenant).order_by("position", "id")


def duplicates(tenant: Tenant, phone: str, name: str = "", *, but: int | None = None) -> list[Member]:
    """Living members with this phone (digits), those of the same name first; families share a phone, so only a hint."""
    if not phone:
        return []
    rows = Member.objects.filter(tenant=tenant, deleted_at=None, phone=phone).exclude(pk=but or 0).order_by("id")
    found = list(rows.prefetch_related("groups")[: LIKE_MOST * 4])
    return sorted(found, key=lambda m: fold(m.name) != fold(name))[:LIKE_MOST]


def alike(
    tenant: Tenant, phone: str, name: str, *, born: date | None = None, but: int | None = None
) -> dict[str, list[Member]]:
    """Who may be the same person as one being typed, beside those with the same number: `born`, by name and birthday;
    `guardian`, whose contact has this number; `trash`, with this number and in the trash; `merged`, whom one who had
    this number became a part of."""
    rows = Member.objects.filter(tenant=tenant).exclude(pk=but or 0)
    living = rows.filter(deleted_at=None)
    found: dict[str, list[Member]] = {"born": [], "guardian": [], "trash": [], "merged": []}
    if born and name.strip():
        found["born"] = list(living.filter(name=name.strip(), birth_date=born).exclude(phone=phone)[:LIKE_MOST])
    if phone:
        theirs = Contact.objects.filter(tenant=tenant, phone=phone).values("member_id")[:LIKE_MOST]
        found["guardian"] = list(living.filter(pk__in=list(theirs.values_list("member_id", flat=True))))
        gone = rows.filter(deleted_at__isnull=False, merged_into=None, erased_at=None, phone=phone)
        found["trash"] = list(gone.order_by("-deleted_at")[:LIKE_MOST])
        parts = rows.filter(merged_into__isnull=False, erased_at=None, phone=phone).order_by("-deleted_at")[:LIKE_MOST]
        kept = kept_of(tenant, parts.values_list("pk", flat=True)).values()
        found["merged"] = list(living.filter(pk__in=kept).exclude(phone=phone).order_by("id"))
    return found


def saved_views(tenant: Tenant, user: User) -> QuerySet[SavedView]:
    """The person's own views and those everybody shares, own ones last."""
    mine = Q(owner=None) | Q(owner=user)
    return SavedView.objects.filter(mine, tenant=tenant).order_by("owner_id", "position", "id")


def saved_view(tenant: Tenant, user: User, pk: int) -> SavedView:
    """A view the person may see, or ViewNotFound."""
    found = saved_views(tenant, user).filter(pk=pk).first()
    if found is None:
        raise ViewNotFound
    return found
