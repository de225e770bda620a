"""Pages of messaging, under /t/<slug>/messages/."""

from django.urls import path

from messaging.views import aligo, compose, dispatches, optouts, practice, recipients, search, senders

app_name = "messaging"
urlpatterns = [
    path("", dispatches.dispatch_list, name="dispatch-list"),
    path("new/", compose.compose, name="compose"),
    path("new/quote/", compose.compose_quote, name="compose-quote"),
    path("new/preview/", compose.compose_preview, name="compose-preview"),
    path("new/confirm/", compose.compose_confirm, name="compose-confirm"),
    path("new/submit/", compose.compose_submit, name="compose-submit"),
    path("new/test/", compose.compose_test, name="compose-test"),
    path("new/draft/", compose.draft_save, name="draft-save"),
    path("new/draft/anew/", compose.draft_anew, name="draft-anew"),
    path("new/draft/discard/", compose.draft_discard, name="draft-discard"),
    path("new/people/", recipients.people_search, name="people-search"),
    path("new/excluded/", recipients.people_excluded, name="people-excluded"),
    path("new/file/", recipients.people_file, name="people-file"),
    path("search/", search.message_search, name="message-search"),
    path("practice/", practice.practice, name="practice"),
    path("practice/<int:pk>/", practice.practice_thread, name="practice-thread"),
    path("aligo/", aligo.aligo, name="aligo"),
    path("aligo/connect/", aligo.aligo_connect, name="aligo-connect"),
    path("aligo/disconnect/", aligo.aligo_disconnect, name="aligo-disconnect"),
    path("aligo/balance/", aligo.balance_refresh, name="balance-refresh"),
    path("senders/", senders.sender_list, name="sender-list"),
    path("senders/add/", senders.sender_add, name="sender-add"),
    path("senders/<int:pk>/remove/", senders.sender_remove, name="sender-remove"),
    path("senders/<int:pk>/default/", senders.sender_default, name="sender-default"),
    path("opt-outs/", optouts.optout_list, name="optout-list"),
    path("opt-outs/add/", optouts.optout_add, name="optout-add"),
    path("opt-outs/file/", optouts.optout_file, name="optout-file"),
    path("opt-outs/<int:pk>/remove/", optouts.optout_remove, name="optout-remove"),
    path("<int:pk>/", dispatches.dispatch_detail, name="dispatch-detail"),
    path("<int:pk>/export/", dispatches.dispatch_export, name="dispatch-export"),
    path("<int:pk>/cancel/", dispatches.dispatch_cancel, name="dispatch-cancel"),
    path("<int:pk>/decide/<int:batch>/", dispatches.dispatch_decide, name="dispatch-decide"),
    path("<int:pk>/resume/", dispatches.dispatch_resume, name="dispatch-resume"),
    path("<int:pk>/resend/", dispatches.dispatch_resend, name="dispatch-resend"),
]
