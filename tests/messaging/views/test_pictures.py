"""The sketches of Aligo's site: one picture each, with a name that says what it shows."""

import re

import pytest
from django.template.loader import render_to_string


@pytest.mark.parametrize(
    ("picture", "name"),
    [("key", "API 키"), ("ip", "발송 서버 IP"), ("sender", "발신번호")],
    ids=lambda value: str(value),
)
def test_picture_is_one_image_with_a_name(picture: str, name: str) -> None:
    html = render_to_string(f"messaging/pictures/{picture}.html")
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]+)"', html)

    assert html.count("<svg") == html.count("<figcaption") == 1
    assert label and name in label[1]


def test_pictures_show_what_is_to_be_entered() -> None:
    assert "203.0.113.10" in render_to_string("messaging/pictures/ip.html", {"egress_ips": ["203.0.113.10"]})
    assert "02-3789-0123" in render_to_string("messaging/pictures/sender.html", {"number": "0237890123"})
