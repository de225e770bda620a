"""A browser's User-Agent as a person would name the device: "Chrome · Windows", "Safari · iPhone".

The few browsers and systems that people here use, in the order in which they must be asked: Edge, Whale and the apps
call themselves Chrome as well, Chrome calls itself Safari, Android calls itself Linux. What is none of them is "".
"""

from django.utils.translation import gettext_lazy as _

_BROWSERS = [
    ("KAKAOTALK", _("카카오톡")),
    ("NAVER(", _("네이버 앱")),
    ("Whale/", _("네이버 웨일")),
    ("SamsungBrowser/", _("삼성 인터넷")),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
_SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def device(agent: str | None) -> str:
    """As much as is known of it."""
    names = (next((str(name) for sign, name in known if sign in (agent or "")), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(name for name in names if name)
