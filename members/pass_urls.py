"""Pages of passes, visits and dues, under /t/<slug>/members/ with the others of members.urls."""

from django.urls import path

from members.views import passes

patterns = [
    # --- passes: members/views/passes.py ---
    path("<int:pk>/passes/", passes.member_passes, name="member-passes"),
    path("<int:pk>/passes/add/", passes.member_pass_add, name="member-pass-add"),
    path("pick/", passes.member_pick, name="member-pick"),
    path("passes/<int:pk>/hold/", passes.pass_hold, name="pass-hold"),
    path("passes/<int:pk>/resume/", passes.pass_resume, name="pass-resume"),
    path("passes/<int:pk>/adjust/", passes.pass_adjust, name="pass-adjust"),
    path("passes/<int:pk>/give/", passes.pass_give, name="pass-give"),
    path("passes/<int:pk>/refund/", passes.pass_refund, name="pass-refund"),
]
