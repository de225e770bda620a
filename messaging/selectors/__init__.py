"""Reads of messaging, tenant first. audience: whom a draft means. dispatches: lists and counts. messages: texts.
archive: the search of all texts. practice: texts that went to the sandbox."""

from messaging.selectors.archive import search_messages
from messaging.selectors.audience import known_fields, merge_fields, reach
from messaging.selectors.dispatches import (
    balance,
    counts,
    counts_of,
    dispatch,
    dispatches,
    excluded,
    excluded_counts,
    held,
    progress,
    undecided,
)
from messaging.selectors.messages import failure_words, history, messages, with_state
from messaging.selectors.practice import practice_phones, practice_texts, practice_thread

__all__ = [
    "balance",
    "counts",
    "counts_of",
    "dispatch",
    "dispatches",
    "excluded",
    "excluded_counts",
    "failure_words",
    "held",
    "history",
    "known_fields",
    "merge_fields",
    "messages",
    "practice_phones",
    "practice_texts",
    "practice_thread",
    "progress",
    "reach",
    "search_messages",
    "undecided",
    "with_state",
]
