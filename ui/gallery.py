"""Every component on one page, at `/ui/` while DEBUG is on: where a change of the look is looked at first.

Nothing here is real and nothing is read: the people, numbers and dates are made up.
"""

import json
from datetime import timedelta
from types import SimpleNamespace as Thing

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render

from ui import charts, times

NAMES = ["김하늘", "이서준", "박지우", "최민서", "정도윤", "강예은", "조시우", "윤채원", "장하준", "임수아"]
STATES = [
    ("발송 중", "sending"),
    ("예약", "scheduled"),
    ("완료", "finished"),
    ("확인 중", "unknown"),
    ("실패", "failed"),
]
ERRORS = {400: "400.html", 403: "403.html", 404: "404.html", 429: "429.html", 500: "500.html"}


class SampleForm(forms.Form):
    name = forms.CharField(label="이름", help_text="문자에서 #{이름} 자리에 들어가요.")
    phone = forms.CharField(
        label="휴대폰", widget=forms.TextInput(attrs={"inputmode": "tel", "placeholder": "010-1234-5678"})
    )
    birth_date = forms.DateField(label="생년월일", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    group = forms.ChoiceField(label="그룹", choices=[("", "고르세요"), ("a", "초등부"), ("b", "중등부")])
    memo = forms.CharField(label="메모", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kinds = forms.MultipleChoiceField(
        label="수신동의", required=False, choices=[("ad", "광고 문자"), ("night", "밤에 받는 광고")],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    agreed = forms.BooleanField(label="개인정보 수집에 동의를 받았어요")


def show(request):
    """The gallery; the names of tones, sizes and classes are in the templates it shows."""
    form = SampleForm({"name": "김하늘", "phone": "010-12", "group": ""})
    return render(request, "components/gallery.html", _frame() | _figures() | _rows(request) | {"form": form})


def error(request, code):
    """An error page as people see it."""
    if code not in ERRORS:
        raise Http404
    return render(request, ERRORS[code], {"request_id": "3f9c2b7e51d84a0c"}, status=code)


def _frame():
    pages = [
        ("홈", "house", 0), ("회원", "users", 0), ("보내기", "send", 0), ("발송내역", "history", 3),
        ("자동발송", "repeat", 0),
        ("문구", "file-text", 0), ("수신거부", "ban", 0), ("설정", "settings", 0),
    ]  # fmt: skip
    nav = [Thing(url="#", label=label, icon=icon, current=i == 0, count=n) for i, (label, icon, n) in enumerate(pages)]
    tenant = Thing(slug="demo", name="한빛체육관")
    tenants = [
        Thing(url="#", name=n, current=n == tenant.name) for n in ("한빛체육관", "한빛체육관 분점", "해오름학원")
    ]
    balance = {"SMS": 12_480, "LMS": 4_310, "MMS": 1_020, "checked_at": times.now() - timedelta(minutes=1)}
    me = Thing(name="김지현", role="대표", url="#")
    shell = Thing(nav=nav, tenants=tenants, tenant=tenant, balance=balance, sandbox=True, days_left=23, me=me)
    return {"shell": shell, "tenant": tenant, "help_on": True, "help_hidden": set()}


def _figures():
    ok = [9120, 14800, 14100, 7210, 11120, 3300, 2740, 15300, 14700, 6200, 15100, 5300, 2710, 1890]
    days = [times.today() - timedelta(days=13 - i) for i in range(14)]
    labels = [charts.Label(f"{d.month}/{d.day}", times.kdate(d)) for d in days]
    series = [
        charts.Series("성공", "blue", ok),
        charts.Series("대기", "soft", [0] * 13 + [3100]),
        charts.Series("실패", "red", [60] * 14),
    ]
    kinds = [
        charts.Series(n, t, [v])
        for n, t, v in (("SMS", "blue", 58210), ("LMS", "violet", 31840), ("MMS", "amber", 4120))
    ]
    return {
        "trend": charts.bars(labels, series, title="최근 14일 일별 발송"),
        "trend_rows": charts.table(labels, series, "최근 14일 일별 발송"),
        "legend": [(s.name, s.tone) for s in series],
        "donut": charts.donut(kinds, centre="9.4만", caption="이번 달"),
        "kinds": kinds,
        "stats": [
            ("오늘 보낸 문자", 13_728, "건", "+12.4%", True, charts.spark([3, 4, 3, 5, 4.6, 6, 5.6, 7])),
            ("도달률", 99.2, "%", "+0.3%p", True, charts.spark([5, 6, 4, 7, 6, 7, 7, 8], tone="green")),
            ("확인 중", 42, "건", "-18", True, charts.spark([8, 7, 9, 5, 6, 5, 4, 3], tone="violet")),
            ("실패", 118, "건", "+7", False, charts.spark([2, 2, 3, 2, 3, 4, 3, 5], tone="amber")),
        ],
    }


def _rows(request):
    at = times.now()
    people = [
        Thing(pk=i, name=name, phone=f"010{2345 + i * 311:04d}{1694 + i * 517:04d}",
              group="초등부" if i % 2 else "성인반", state=STATES[i % 5], at=at - timedelta(hours=i * 7),
              joined=at - timedelta(days=i * 40))
        for i, name in enumerate(NAMES)
    ]  # fmt: skip
    page = Paginator(range(20_000), 50).get_page(request.GET.get("page", 3))
    samples = [
        {"label": "김하늘 010-23••-1694", "fields": {"이름": "김하늘", "만료일": "12월 1일"}},
        {"label": "남궁민수 010-77••-0042", "fields": {"이름": "남궁민수", "만료일": ""}},
    ]
    return {
        "people": people, "page": page, "sort": request.GET.get("sort", "-created"),
        "samples_json": json.dumps(samples),
        "fields_json": json.dumps(["이름", "만료일"]), "replacements_json": json.dumps({"됬": "됐", "😀": "^^"}),
        "kinds_choice": [("sms", "문자", "message-square"), ("call", "전화", "phone")],
    }  # fmt: skip
