"""No form that people fill in may speak in Django's or allauth's own words (accounts/form_words.py holds ours)."""

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django import forms
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.validators import BaseValidator, EmailValidator, ProhibitNullCharactersValidator, RegexValidator
from django.utils import translation

MODULES = [
    "accounts.forms", "accounts.sign_in_forms", "home.forms", "members.forms", "members.import_forms",
    "members.pass_forms", "members.due_forms", "messaging.forms", "messaging.optout_forms", "allauth.account.forms",
    "allauth.mfa.base.forms", "allauth.mfa.totp.forms", "allauth.usersessions.forms",
]  # fmt: skip
OURS = re.compile(r"(요|세요)\.$")
SPEAKERS = (BaseValidator, EmailValidator, ProhibitNullCharactersValidator, RegexValidator)


def fields() -> Iterator[tuple[str, forms.Field]]:
    for name in MODULES:
        for kind in vars(importlib.import_module(name)).values():
            if inspect.isclass(kind) and issubclass(kind, forms.BaseForm) and kind.__module__ == name:
                yield from ((f"{kind.__name__}.{field}", made) for field, made in kind.base_fields.items())


def said(field: forms.Field) -> Iterator[str]:
    yield from (str(sentence) for sentence in field.error_messages.values())
    for validator in field.validators:
        if isinstance(validator, SPEAKERS):
            yield str(validator.message)


@pytest.fixture(autouse=True)
def _korean() -> Iterator[None]:
    with translation.override("ko"):
        yield


def test_fields_speak_our_words() -> None:
    stiff = {(name, text) for name, field in fields() for text in said(field) if not OURS.search(text)}

    assert len(list(fields())) > 30
    assert stiff == set()


@pytest.mark.parametrize("kind", [k for k in vars(forms).values() if inspect.isclass(k) and issubclass(k, forms.Field)])
def test_every_field_a_form_may_use_says_required_in_our_words(kind: type[forms.Field]) -> None:
    messages: dict[str, Any] = {}
    for parent in reversed(kind.__mro__):
        messages |= getattr(parent, "default_error_messages", {})

    assert OURS.search(str(messages["required"]))


@pytest.mark.parametrize("adapter", [get_adapter, get_mfa_adapter])
def test_allauth_speaks_our_words(adapter: Any) -> None:
    sentences = {code: str(text) for code, text in adapter().error_messages.items()}

    assert {code: text for code, text in sentences.items() if not OURS.search(text)} == {}


def test_password_rules_speak_our_words() -> None:
    sentences = [rule.get_error_message() for rule in get_default_password_validators()]

    assert len(sentences) == 4 and all(OURS.search(text) for text in sentences)


@pytest.mark.django_db
def test_sign_up_refuses_in_our_words(client: Any) -> None:
    page = client.post("/accounts/signup/", {"email": "kim", "password1": "12345678", "business": "가" * 61})
    errors = page.context["form"].errors

    assert set(errors) == {"email", "password1", "business", "agree"}
    assert [text for texts in errors.values() for text in texts if not OURS.search(text)] == []


@pytest.mark.django_db
def test_two_passwords_that_differ_are_told_in_our_words(as_owner: Any) -> None:
    data = {"oldpassword": "x", "password1": "gongji-demo-1", "password2": "gongji-demo-2"}
    errors = as_owner.post("/accounts/password/change/", data).context["form"].errors

    assert errors["password2"] == ["두 비밀번호가 서로 달라요. 다시 적어 주세요."]
    assert errors["oldpassword"] == ["지금 쓰는 비밀번호가 맞지 않아요. 다시 적어 주세요."]
