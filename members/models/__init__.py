"""Tables of members, one file a subject."""

from members.models.contacts import Contact, DeadPhone
from members.models.daily import Daily
from members.models.dues import Due, DueEntry, DuePlan
from members.models.edits import BulkEdit, BulkEditPart, Merge
from members.models.fields import DroppedField, Field
from members.models.imports import Import, ImportPart
from members.models.notes import Note
from members.models.passes import Attendance, Kiosk, Pass, PassEntry, PassType
from members.models.people import Consent, Group, Member, Membership
from members.models.presets import PresetUse
from members.models.segments import Segment, SegmentCount
from members.models.stages import StageChange
from members.models.tags import MemberTag
from members.models.views import SavedView

__all__ = [
    "Attendance",
    "BulkEdit",
    "BulkEditPart",
    "Consent",
    "Contact",
    "Daily",
    "DeadPhone",
    "DroppedField",
    "Due",
    "DueEntry",
    "DuePlan",
    "Field",
    "Group",
    "Import",
    "ImportPart",
    "Kiosk",
    "Member",
    "MemberTag",
    "Membership",
    "Merge",
    "Note",
    "Pass",
    "PassEntry",
    "PassType",
    "PresetUse",
    "SavedView",
    "Segment",
    "SegmentCount",
    "StageChange",
]
