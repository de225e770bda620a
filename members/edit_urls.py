"""Pages of deeds on several members: bulk edits, merging, the trash."""

from django.urls import path

from members.views import bulk_edits, trash, twins

patterns = [
    path("edit/", bulk_edits.bulk_edit, name="bulk-edit"),
    path("edits/", bulk_edits.bulk_edit_list, name="bulk-edit-list"),
    path("edits/<int:pk>/undo/", bulk_edits.bulk_edit_undo, name="bulk-edit-undo"),
    path("likely/", twins.duplicate_list, name="duplicate-list"),
    path("<int:pk>/merge/<int:other>/", twins.member_merge, name="member-merge"),
    path("merges/<int:pk>/undo/", twins.merge_undo, name="merge-undo"),
    path("<int:pk>/restore/", trash.member_restore, name="member-restore"),
    path("trash/", trash.trash_list, name="trash-list"),
    path("trash/bulk/", trash.trash_bulk, name="trash-bulk"),
]
