from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.models import Role
from study.memberships.actions.invitations import create_invitation
from study.memberships.models import Invitation
from tests.conftest import OLGA


@pytest.fixture
def invite(club: SimpleNamespace) -> Callable[..., Invitation]:
    """invite(role=…, part_id=…, max_uses=…, expires_at=…) → a link into the club's cohort, made by Olga."""

    def make(**overrides: Any) -> Invitation:
        defaults = {
            "cohort": club.cohort,
            "role": Role.MEMBER,
            "part_id": club.backend.id,
            "expires_at": timezone.now() + timedelta(days=7),
            "max_uses": 30,
            "by": OLGA,
            "at": NOW,
        }
        return create_invitation(**{**defaults, **overrides})

    return make
