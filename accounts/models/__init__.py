"""Tables of accounts, one file a subject."""

from accounts.models.access import ApiKey, Invitation
from accounts.models.files import Export, Upload
from accounts.models.helping import HelpText
from accounts.models.people import User
from accounts.models.records import AuditEvent, Fact, IdempotencyKey, Lease, Notice
from accounts.models.tags import Tag
from accounts.models.tenants import Staff, Tenant
from accounts.models.terms import TermsAgreement, TermsVersion

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Export",
    "Fact",
    "HelpText",
    "IdempotencyKey",
    "Invitation",
    "Lease",
    "Notice",
    "Staff",
    "Tag",
    "Tenant",
    "TermsAgreement",
    "TermsVersion",
    "Upload",
    "User",
]
