"""Tables of members, one file a subject."""

from members.models.imports import Import
from members.models.people import Consent, Field, Group, Member, Membership
from members.models.views import SavedView

__all__ = ["Consent", "Field", "Group", "Import", "Member", "Membership", "SavedView"]
