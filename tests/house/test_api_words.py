"""No serializer that the API reads with may say anything in DRF's own words (accounts/api_words.py holds ours)."""

import pytest
from django.utils import translation
from rest_framework import serializers

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
