"""User-Agent strings as people name their devices."""

import pytest

from ui.devices import device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0"
ANDROID = f"Mozilla/5.0 (Linux; Android 15; SM-S928N) {WEBKIT}"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"{WINDOWS} Safari/537.36", "Chrome · Windows"),
        (f"{WINDOWS} Safari/537.36 Edg/141.0.0.0", "Edge · Windows"),
        (f"{WINDOWS} Whale/4.33.325.17 Safari/537.36", "네이버 웨일 · Windows"),
        (f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        (f"{IPHONE} CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1", "Chrome · iPhone"),
        (f"{IPHONE} Mobile/15E148 KAKAOTALK/25.9.0 (INAPP)", "카카오톡 · iPhone"),
        (f"{ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "삼성 인터넷 · Android"),
        (f"{ANDROID} Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1.15", "Safari · Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox · Linux"),
        ("curl/8.5.0", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_device(agent, said):
    assert device(agent) == said
