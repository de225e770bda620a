"""Pages of contacts, stages, tags and numbers nobody has."""

from django.urls import path

from members.views import panels, prospects, tags

patterns = [
    path("prospects/", prospects.prospect_list, name="prospect-list"),
    path("numbers/", prospects.dead_list, name="dead-list"),
    path("<int:pk>/move/", prospects.member_move, name="member-move"),
    path("<int:pk>/contacts/", panels.member_contacts, name="member-contacts"),
    path("<int:pk>/stage/", panels.member_stage, name="member-stage"),
    path("<int:pk>/tags/", panels.member_tags_save, name="member-tags"),
    path("<int:pk>/alive/", panels.member_alive, name="member-alive"),
    path("contacts/<int:pk>/", panels.contact_edit, name="contact-edit"),
    path("contacts/<int:pk>/remove/", panels.contact_remove, name="contact-remove"),
    path("tags/", tags.tag_list, name="tag-list"),
    path("tags/add/", tags.tag_add, name="tag-add"),
    path("tags/<int:pk>/", tags.tag_edit, name="tag-edit"),
    path("tags/<int:pk>/merge/", tags.tag_merge, name="tag-merge"),
    path("tags/<int:pk>/delete/", tags.tag_delete, name="tag-delete"),
]
