"""Notes of a member. Whoever reads says who they are: a private note is its writer's alone, and no program's."""

from django.db.models import Q, QuerySet

from accounts.models import Tenant, User
from members.exceptions import NoteNotFound
from members.models import Member, Note
from members.selectors.merged import living


def notes(tenant: Tenant, ids: list[int], viewer: User | None) -> QuerySet[Note]:
    """Notes, calls and files of these members that the viewer may read."""
    return visible(Note.objects.filter(tenant=tenant, member__in=ids), viewer).select_related("by", "upload")


def pinned(tenant: Tenant, ids: list[int], viewer: User | None) -> QuerySet[Note]:
    """What stands at the top of the card, the latest first."""
    return notes(tenant, ids, viewer).filter(is_pinned=True).order_by("-at", "-id")


def note(tenant: Tenant, viewer: User | None, pk: int) -> Note:
    """One note on a living member's card; NoteNotFound for anything else, another's private one included."""
    found = visible(Note.objects.filter(tenant=tenant, pk=pk), viewer).select_related("by", "upload").first()
    if found is None:
        raise NoteNotFound
    whose(tenant, found)
    return found


def whose(tenant: Tenant, note: Note) -> Member:
    """The living member on whose card it stands: after a merge, the one that was kept."""
    member = living(tenant, note.member_id)
    if member is None:
        raise NoteNotFound
    return member


def visible(rows: QuerySet[Note], viewer: User | None) -> QuerySet[Note]:
    """Those that are there and that the viewer may read; None is a program."""
    mine = Q(is_private=False) if viewer is None else Q(is_private=False) | Q(by=viewer)
    return rows.filter(mine, deleted_at=None)
