"""Pages of members, under /t/<slug>/members/."""

from django.urls import path

from members import edit_urls, pass_urls, people_urls
from members.views import cards, fields, groups, imports, notes, presets, reverts, roster, saved, segments

app_name = "members"

# --- the roster, members, groups, saved views ---
people = [
    path("", roster.member_list, name="member-list"),
    path("bulk/", roster.bulk, name="bulk"),
    path("export/", roster.export_create, name="export-create"),
    path("add/", cards.member_add, name="member-add"),
    path("duplicates/", cards.duplicate_check, name="duplicate-check"),
    path("views/counts/", roster.view_counts, name="view-counts"),
    path("views/save/", saved.view_save, name="view-save"),
    path("views/<int:pk>/delete/", saved.view_delete, name="view-delete"),
    path("groups/", groups.group_list, name="group-list"),
    path("groups/add/", groups.group_add, name="group-add"),
    path("groups/reorder/", groups.group_reorder, name="group-reorder"),
    path("groups/<int:pk>/", groups.group_edit, name="group-edit"),
    path("groups/<int:pk>/delete/", groups.group_delete, name="group-delete"),
    path("<int:pk>/", cards.member_detail, name="member-detail"),
    path("<int:pk>/edit/", cards.member_edit, name="member-edit"),
    path("<int:pk>/trash/", cards.member_trash, name="member-trash"),
    path("<int:pk>/files/<int:field>/", cards.member_file, name="member-file"),
]

# --- segments: members/views/segments.py ---
filters = [
    path("segments/", segments.segment_list, name="segment-list"),
    path("segments/add/", segments.segment_add, name="segment-add"),
    path("segments/draft/", segments.segment_draft, name="segment-draft"),
    path("segments/<int:pk>/", segments.segment_detail, name="segment-detail"),
    path("segments/<int:pk>/edit/", segments.segment_edit, name="segment-edit"),
    path("segments/<int:pk>/duplicate/", segments.segment_duplicate, name="segment-duplicate"),
    path("segments/<int:pk>/delete/", segments.segment_delete, name="segment-delete"),
]

# --- imports: members/views/imports.py ---
uploads = [
    path("imports/", imports.import_add, name="import-add"),
    path("imports/<int:pk>/", imports.import_detail, name="import-detail"),
    path("imports/<int:pk>/correct/", imports.import_correct, name="import-correct"),
    path("imports/<int:pk>/repair/", imports.import_repair, name="import-repair"),
    path("imports/<int:pk>/apply/", imports.import_apply, name="import-apply"),
    path("imports/<int:pk>/revert/", reverts.import_revert, name="import-revert"),
    path("imports/<int:pk>/errors/", imports.import_errors_file, name="import-errors"),
]

# --- presets of trades: members/views/presets.py ---
trades = [
    path("presets/", presets.preset_list, name="preset-list"),
    path("presets/<slug:preset>/take/", presets.preset_take, name="preset-take"),
    path("presets/<slug:preset>/remove/", presets.preset_remove, name="preset-remove"),
]

# --- the card's stream: members/views/notes.py ---
written = [
    path("<int:pk>/answer/", cards.member_answer, name="member-answer"),
    path("<int:pk>/timeline/", notes.member_timeline, name="member-timeline"),
    path("<int:pk>/notes/", notes.member_note, name="member-note"),
    path("notes/<int:pk>/", notes.note_edit, name="note-edit"),
    path("notes/<int:pk>/pin/", notes.note_pin, name="note-pin"),
    path("notes/<int:pk>/delete/", notes.note_delete, name="note-delete"),
    path("notes/<int:pk>/file/", notes.note_file, name="note-file"),
]

# --- the tenant's own columns: members/views/fields.py ---
columns = [
    path("fields/", fields.field_list, name="field-list"),
    path("fields/counts/", fields.field_counts, name="field-counts"),
    path("fields/add/", fields.field_add, name="field-add"),
    path("fields/reorder/", fields.field_reorder, name="field-reorder"),
    path("fields/<int:pk>/", fields.field_edit, name="field-edit"),
    path("fields/<int:pk>/delete/", fields.field_delete, name="field-delete"),
    path("fields/dropped/<int:pk>/restore/", fields.field_restore, name="field-restore"),
]

urlpatterns = [
    *edit_urls.patterns,
    *people,
    *filters,
    *uploads,
    *trades,
    *written,
    *columns,
    *pass_urls.patterns,
    *people_urls.patterns,
]
