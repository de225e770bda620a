"""What the API reads with: it speaks our words (accounts/api_words.py) and refuses names that it doesn't know."""

import pytest
from django.utils import translation
from rest_framework import serializers

from accounts.api_base import Body
from config.api_urls import imports, members, messaging


def incoming():
    for module in (imports, members, messaging):
        for name, kind in vars(module).items():
            if name.endswith("In") and isinstance(kind, type) and issubclass(kind, serializers.BaseSerializer):
                yield kind


def below(field):
    yield field
    for part in getattr(field, "fields", {}).values() if isinstance(field, serializers.Serializer) else ():
        yield from below(part)
    if child := getattr(field, "child", None):
        yield from below(child)


@pytest.mark.parametrize("kind", incoming(), ids=lambda kind: kind.__name__)
def test_serializer_speaks_our_words(kind):
    with translation.override("ko"):
        said = {
            (type(field).__name__, code): str(sentence)
            for field in below(kind())
            for code, sentence in field.error_messages.items()
        }

    assert said
    assert {key: sentence for key, sentence in said.items() if not sentence.endswith("요.")} == {}


@pytest.mark.parametrize("kind", incoming(), ids=lambda kind: kind.__name__)
def test_serializer_refuses_unknown_names_at_every_depth(kind):
    parts = [field for field in below(kind()) if isinstance(field, serializers.Serializer)]

    assert [part for part in parts if not isinstance(part, Body)] == []
