"""What Django says of a bad form, in our words: what is wrong and what to do. (accounts/api_words.py does it for DRF.)

Django collects a field's sentences from `default_error_messages` along its ancestry and a validator's from its class,
so one table here reaches every form, allauth's and the ones to come included. tests/house holds it against them all.
"""

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

_DATE = _("날짜를 알아볼 수 없어요. 2026-05-01처럼 적어 주세요.")
_TIME = _("시각을 알아볼 수 없어요. 14:30처럼 적어 주세요.")
_NUMBER = _("숫자로 적어 주세요.")
_CHOICE = _("고를 수 없는 값이에요. 목록에서 다시 골라 주세요.")
_LIST = _("목록에서 다시 골라 주세요.")
_FILE = _("파일을 받지 못했어요. 다시 골라 주세요.")

FIELDS: dict[type, dict[str, Any]] = {
    forms.Field: {"required": _("비워 둘 수 없어요. 적어 주세요.")},
    forms.BooleanField: {"required": _("표시해 주세요.")},
    forms.IntegerField: {"invalid": _("정수로 적어 주세요.")},
    forms.FloatField: {"invalid": _NUMBER},
    forms.DecimalField: {"invalid": _NUMBER},
    forms.DateField: {"invalid": _DATE},
    forms.TimeField: {"invalid": _TIME},
    forms.DateTimeField: {"invalid": _("날짜와 시각을 알아볼 수 없어요. 2026-05-01 14:30처럼 적어 주세요.")},
    forms.SplitDateTimeField: {"invalid_date": _DATE, "invalid_time": _TIME},
    forms.ChoiceField: {"required": _("하나를 골라 주세요."), "invalid_choice": _CHOICE},
    forms.MultipleChoiceField: {
        "required": _("하나 이상 골라 주세요."),
        "invalid_choice": _CHOICE,
        "invalid_list": _LIST,
    },
    forms.ModelChoiceField: {"required": _("하나를 골라 주세요."), "invalid_choice": _CHOICE},
    forms.ModelMultipleChoiceField: {"invalid_choice": _CHOICE, "invalid_list": _LIST, "invalid_pk_value": _CHOICE},
    forms.FileField: {
        "required": _("파일을 골라 주세요."),
        "invalid": _FILE,
        "missing": _FILE,
        "empty": _("빈 파일이에요. 내용이 있는 파일을 골라 주세요."),
        "max_length": _("파일 이름은 %(max)d자까지 쓸 수 있어요. 지금은 %(length)d자예요. 이름을 줄여 주세요."),
        "contradiction": _("새 파일을 고르거나 지우기를 고르거나, 하나만 해 주세요."),
    },
    forms.ImageField: {"invalid_image": _("그림 파일이 아니거나 망가진 파일이에요. 다른 그림을 골라 주세요.")},
    forms.URLField: {"invalid": _("주소를 알아볼 수 없어요. https://로 시작하게 적어 주세요.")},
}
VALIDATORS: dict[type, Any] = {
    validators.EmailValidator: _("이메일 주소를 알아볼 수 없어요. name@example.com처럼 적어 주세요."),
    validators.URLValidator: FIELDS[forms.URLField]["invalid"],
    validators.RegexValidator: _("알아볼 수 없는 값이에요. 다시 적어 주세요."),
    validators.MaxLengthValidator: _("%(limit_value)d자까지 쓸 수 있어요. 지금은 %(show_value)d자예요. 줄여 주세요."),
    validators.MinLengthValidator: _("%(limit_value)d자 이상 적어 주세요."),
    validators.MaxValueValidator: _("%(limit_value)s보다 크지 않게 적어 주세요."),
    validators.MinValueValidator: _("%(limit_value)s보다 작지 않게 적어 주세요."),
    validators.ProhibitNullCharactersValidator: _("쓸 수 없는 글자(NUL)가 들어 있어요. 지우고 다시 해 주세요."),
}


def speak() -> None:
    """Put our sentences in the place of Django's."""
    for field, sentences in FIELDS.items():
        # A field that says nothing of its own shares its parent's table: give it one before writing.
        field.default_error_messages = vars(field).get("default_error_messages", {}) | sentences  # type: ignore[attr-defined]
    for validator, sentence in VALIDATORS.items():
        validator.message = sentence  # type: ignore[attr-defined]
