from __future__ import annotations

import pytest
from django.utils import timezone

from chassis.testing import NOW


@pytest.fixture
def clock(monkeypatch):
    """clock(at): set the time."""

    def set_to(at) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    set_to(NOW)
    return set_to
