"""What every page of the shell needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"has_font": settings.HAS_FONT, "theme": "system"}
