"""Pages of passes, visits and dues, under /t/<slug>/members/ with the others of members.urls."""

from django.urls import path

from members.views import due_deeds, dues, kiosks, pass_types, passes, visits

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
    path("passes/types/", pass_types.passtype_list, name="passtype-list"),
    path("passes/types/<int:pk>/", pass_types.passtype_edit, name="passtype-edit"),
    path("passes/types/<int:pk>/retire/", pass_types.passtype_retire, name="passtype-retire"),
    # --- visits and tablets: members/views/visits.py, kiosks.py ---
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/pick/", visits.visit_pick, name="visit-pick"),
    path("visits/<int:pk>/undo/", visits.visit_undo, name="visit-undo"),
    path("<int:pk>/visit/", visits.member_visit, name="member-visit"),
    path("<int:pk>/qr/", visits.member_qr, name="member-qr"),
    path("kiosks/", kiosks.kiosk_list, name="kiosk-list"),
    path("kiosks/<int:pk>/revoke/", kiosks.kiosk_revoke, name="kiosk-revoke"),
    # --- dues: members/views/dues.py, due_deeds.py ---
    path("dues/", dues.due_list, name="due-list"),
    path("dues/totals/", dues.due_totals, name="due-totals"),
    path("dues/unpaid/", dues.unpaid_list, name="unpaid-list"),
    path("dues/unpaid/remind/", dues.unpaid_remind, name="unpaid-remind"),
    path("dues/plans/", dues.dueplan_list, name="dueplan-list"),
    path("dues/plans/<int:pk>/", dues.dueplan_edit, name="dueplan-edit"),
    path("dues/plans/<int:pk>/end/", dues.dueplan_end, name="dueplan-end"),
    path("dues/plans/<int:pk>/charge/", dues.dueplan_charge, name="dueplan-charge"),
    path("dues/<int:pk>/pay/", due_deeds.due_pay, name="due-pay"),
    path("dues/<int:pk>/return/", due_deeds.due_return, name="due-return"),
    path("dues/<int:pk>/waive/", due_deeds.due_waive, name="due-waive"),
    path("dues/<int:pk>/unwaive/", due_deeds.due_unwaive, name="due-unwaive"),
    path("dues/<int:pk>/correct/", due_deeds.due_correct, name="due-correct"),
    path("<int:pk>/dues/", dues.member_dues, name="member-dues"),
    path("<int:pk>/dues/add/", due_deeds.member_due_add, name="member-due-add"),
    path("<int:pk>/dues/pay/", due_deeds.member_pay, name="member-pay"),
]
