from __future__ import annotations

import pytest

from tests.conftest import OLGA


@pytest.fixture
def olga(club, as_principal):
    """Return the browser of an operator."""
    return as_principal(OLGA)
