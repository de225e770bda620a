"""발송 설정 as typed: how long a text can be taken back, who decides, and what stands in an ad."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.models import SendingPolicy
from messaging.rules import AD_MARK
from messaging.text import normalise, unsendable

_HOTLINE = re.compile(r"080\d{7,8}")


class PolicyForm(forms.Form):
    undo_seconds = forms.IntegerField(
        label=_("되돌릴 수 있는 시간(초)"),
        min_value=0,
        max_value=SendingPolicy.UNDO_MOST,
        help_text=_(
            "화면에서 11명 이상에게 바로 보낼 때, 이 시간 동안 기다렸다가 보내요. 0이면 기다리지 않아요. 60초까지예요."
        ),
    )
    asks_person = forms.BooleanField(
        label=_("확인 안 된 문자는 직원이 정하기"),
        required=False,
        help_text=_(
            "알리고가 대답하지 않았고 알리고 목록에도 없는 문자는 보통 저절로 다시 보내요."
            " 켜면 다시 보내지 않고 직원에게 물어봐요."
        ),
    )
    ad_name = forms.CharField(
        label=_("광고에 적을 이름"),
        max_length=30,
        required=False,
        help_text=_("비워 두면 업체 이름을 적어요."),
    )
    ad_hotline = forms.CharField(
        label=_("080 수신거부 번호"),
        max_length=20,
        required=False,
        help_text=_("없으면 비워 두세요. 그러면 눌러서 바로 수신거부할 수 있는 주소가 사람마다 들어가요."),
    )

    undo_seconds.widget.attrs |= {"inputmode": "numeric"}
    ad_hotline.widget.attrs |= {"inputmode": "tel", "autocomplete": "off", "placeholder": "080-123-4567"}

    def clean_ad_name(self) -> str:
        name = normalise(self.cleaned_data["ad_name"]).replace("\n", " ").strip()
        if bad := unsendable(name):
            signs = " ".join(bad)
            raise forms.ValidationError(_("문자로 보낼 수 없는 글자가 있어요: %(signs)s") % {"signs": signs})
        if AD_MARK in name:
            raise forms.ValidationError(_("(광고) 표시는 저절로 들어가요. 이름만 적어 주세요."))
        return name

    def clean_ad_hotline(self) -> str:
        digits = hotline_in(self.cleaned_data["ad_hotline"])
        if digits and not _HOTLINE.fullmatch(digits):
            raise forms.ValidationError(_("080으로 시작하는 번호를 적어 주세요. 예: 080-123-4567"))
        return digits


def hotline_in(typed: str) -> str:
    """The number without what people put between its parts."""
    return re.sub(r"[\s().\-–—]", "", typed)
