"""Reads of messaging, tenant first. audience: whom a draft means. dispatches: lists and counts. messages: texts."""

from messaging.selectors.audience import merge_fields
from messaging.selectors.dispatches import (
    balance,
    counts,
    counts_of,
    dispatch,
    dispatches,
    draft,
    excluded,
    excluded_counts,
    held,
    progress,
    undecided,
)
from messaging.selectors.messages import failure_words, history, messages, search_messages, with_state

__all__ = [
    "balance",
    "counts",
    "counts_of",
    "dispatch",
    "dispatches",
    "draft",
    "excluded",
    "excluded_counts",
    "failure_words",
    "held",
    "history",
    "merge_fields",
    "messages",
    "progress",
    "search_messages",
    "undecided",
    "with_state",
]
