"""The clock of an evening, for what the law says of nights."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from ui import times


@pytest.fixture
def clock(settings: Any) -> Callable[[str], datetime]:
    """Sets the clock to a time of tomorrow in Seoul ("21:30"), and says which moment that is."""

    def at(hour_minute: str) -> datetime:
        hour, minute = map(int, hour_minute.split(":"))
        settings.CLOCK_OFFSET = 0
        moment = times.seoul(times.now() + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        settings.CLOCK_OFFSET = (moment - times.now()).total_seconds()
        return moment

    return at
