"""Where the things that the audit trail names are shown."""

from accounts.audit_links import Page, register
from accounts.models import ApiKey, Export, Staff
from accounts.permissions import Permission
from members.models import Group, Import, Member
from messaging.models import AligoAccount, Batch, Dispatch, OptOut, Sender, SendingPolicy

LIVING = {"deleted_at": None}


def register_pages() -> None:
    """Tell accounts, which can't know the apps to its right."""
    register("member", Page(Permission.MEMBER_VIEW, "members:member-detail", Member, LIVING))
    register("group", Page(Permission.MEMBER_EDIT, "members:group-edit", Group))
    register("import", Page(Permission.MEMBER_EDIT, "members:import-detail", Import))
    register("dispatch", Page(Permission.MESSAGE_VIEW, "messaging:dispatch-detail", Dispatch))
    register("batch", Page(Permission.MESSAGE_VIEW, "messaging:dispatch-detail", Batch, column="dispatch_id"))
    # These are shown on a list of their own kind.
    register("sender", Page(Permission.MESSAGE_VIEW, "messaging:sender-list", Sender, LIVING, column=""))
    register("optout", Page(Permission.MESSAGE_VIEW, "messaging:optout-list", OptOut, column=""))
    register("aligoaccount", Page(Permission.SETTINGS_EDIT, "messaging:aligo", AligoAccount, column=""))
    register("sendingpolicy", Page(Permission.SETTINGS_EDIT, "messaging:policy", SendingPolicy, column=""))
    register("staff", Page(Permission.STAFF_EDIT, "accounts:staff", Staff, {"removed_at": None}, column=""))
    register("apikey", Page(Permission.KEYS_EDIT, "accounts:keys", ApiKey, {"revoked_at": None}, column=""))
    register("export", Page(Permission.MEMBER_EXPORT, "accounts:exports", Export, column=""))
