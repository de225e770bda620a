"""What DRF says of a bad body, in our words: what is wrong and what to send instead. The codes stay DRF's own.

DRF collects a field's sentences from `default_error_messages` along its ancestry, so one table here reaches every
serializer, the ones to come included. tests/house holds it against the serializers that the API reads with.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

_OBJECT = _("JSON 객체로 보내 주세요.")
_LIST = {
    "not_a_list": _("목록으로 보내 주세요."),
    "empty": _("하나 이상 보내 주세요."),
    "min_length": _("{min_length}개 이상 보내 주세요."),
    "max_length": _("{max_length}개까지 보낼 수 있어요. 줄여서 보내 주세요."),
}
SENTENCES: dict[type, dict[str, Any]] = {
    serializers.Field: {
        "required": _("꼭 있어야 하는 값이에요. 함께 보내 주세요."),
        "null": _("null은 쓸 수 없어요. 값을 보내 주세요."),
    },
    serializers.BooleanField: {"invalid": _("true나 false로 보내 주세요.")},
    serializers.CharField: {
        "invalid": _("글자로 보내 주세요."),
        "blank": _("비워 둘 수 없어요. 내용을 적어 주세요."),
        "max_length": _("{max_length}자까지 쓸 수 있어요. 줄여서 보내 주세요."),
        "min_length": _("{min_length}자 이상 적어 주세요."),
    },
    serializers.IntegerField: {
        "invalid": _("정수로 보내 주세요."),
        "max_value": _("{max_value} 이하의 수로 보내 주세요."),
        "min_value": _("{min_value} 이상의 수로 보내 주세요."),
        "max_string_length": _("숫자가 너무 길어요. 줄여서 보내 주세요."),
    },
    serializers.DateTimeField: {
        "invalid": _("날짜와 시각을 2026-05-01T09:00:00+09:00처럼 보내 주세요."),
        "date": _("날짜와 시각을 2026-05-01T09:00:00+09:00처럼 보내 주세요."),
        "make_aware": _("{timezone}에 없는 시각이에요. 다른 시각을 보내 주세요."),
        "overflow": _("쓸 수 없는 날짜예요. 다른 날짜를 보내 주세요."),
    },
    serializers.DateField: {
        "invalid": _("날짜를 2026-05-01처럼 보내 주세요."),
        "datetime": _("시각 없이 날짜만 2026-05-01처럼 보내 주세요."),
    },
    serializers.ChoiceField: {
        "invalid_choice": _("쓸 수 없는 값이에요. /api/docs/에 적힌 값 가운데 하나를 보내 주세요.")
    },
    serializers.FileField: {
        "required": _("파일을 함께 보내 주세요."),
        "invalid": _("파일이 아니에요. multipart/form-data로 파일을 올려 주세요."),
        "no_name": _("파일 이름이 없어요. 이름을 붙여 보내 주세요."),
        "empty": _("빈 파일이에요. 내용이 있는 파일을 보내 주세요."),
        "max_length": _("파일 이름은 {max_length}자까지 쓸 수 있어요. 지금은 {length}자예요. 이름을 줄여 주세요."),
    },
    serializers.ListField: _LIST,
    serializers.ListSerializer: _LIST,
    serializers.DictField: {"not_a_dict": _OBJECT, "empty": _LIST["empty"]},
    serializers.Serializer: {"invalid": _OBJECT},
}


def speak() -> None:
    """Put our sentences in the place of DRF's. What a file's form can bring up is in accounts/form_words.py."""
    for kind, sentences in SENTENCES.items():
        kind.default_error_messages.update(sentences)  # type: ignore[attr-defined]
