"""Reads of members, tenant first."""

from members.selectors.card import Card, card
from members.selectors.lists import (
    alike,
    consents,
    duplicates,
    fields,
    group,
    group_list,
    group_named,
    member,
    members_by_id,
    saved_view,
    saved_views,
    tag_named,
)
from members.selectors.own_fields import held_files, own_values
from members.selectors.rosters import Page, Roster, roster, stream
from members.selectors.trash import trashed

__all__ = [
    "Card",
    "Page",
    "Roster",
    "alike",
    "card",
    "consents",
    "duplicates",
    "fields",
    "group",
    "group_list",
    "group_named",
    "held_files",
    "member",
    "members_by_id",
    "own_values",
    "roster",
    "saved_view",
    "saved_views",
    "stream",
    "tag_named",
    "trashed",
]
