"""Tables of messaging, one file a subject."""

from messaging.models.account import AligoAccount, Sender
from messaging.models.dispatch import Attempt, Batch, Dispatch, Draft, Excluded, Joined, Message, Turn
from messaging.models.optout import OptOut, OptOutLink
from messaging.models.policy import ProviderWord, SendingPolicy
from messaging.models.snapshots import Snapshot
from messaging.models.templates import Template

__all__ = [
    "AligoAccount",
    "Attempt",
    "Batch",
    "Dispatch",
    "Draft",
    "Excluded",
    "Joined",
    "Message",
    "OptOut",
    "OptOutLink",
    "ProviderWord",
    "Sender",
    "SendingPolicy",
    "Snapshot",
    "Template",
    "Turn",
]
