"""Rows of lists, as DRF returns them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db.models import TextChoices
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from chassis.web.representation import represented
from chassis.web.rest import CompactJSONRenderer


class State(TextChoices):
    OPEN = "open"


class InnerOut(serializers.Serializer[Any]):
    n = serializers.IntegerField()


class RowOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    title = serializers.CharField(source="mission.title", allow_null=True)
    rule = serializers.CharField(source="mission.decision.rule", default="none")
    state = serializers.ChoiceField(choices=State.choices)
    count = serializers.IntegerField()
    on = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)
    day = serializers.DateField()
    price = serializers.DecimalField(max_digits=5, decimal_places=2)
    words = serializers.ListField(child=serializers.CharField())
    inner = InnerOut(many=True)
    called = serializers.CharField()
    method = serializers.SerializerMethodField()
    absent = serializers.CharField(required=False)

    def get_method(self, row: Any) -> str:
        return f"{row.name}!"


def row(**values: Any) -> SimpleNamespace:
    plain = {
        "id": UUID(int=7),
        "name": "가온",
        "mission": SimpleNamespace(title="미션", decision=SimpleNamespace(rule="only")),
        "state": "open",
        "count": 3,
        "on": True,
        "at": datetime(2026, 11, 24, 9, 0, 1, 2, tzinfo=UTC),
        "day": date(2026, 11, 24),
        "price": Decimal("1.50"),
        "words": ["a", 1],
        "inner": [SimpleNamespace(n="5")],
        "called": lambda: "here",
    }
    return SimpleNamespace(**plain | values)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/St_Johns"])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"mission": None, "name": None, "at": None},
        {"mission": SimpleNamespace(title=None)},
        {"state": State.OPEN, "count": "12", "on": 1, "name": 5, "id": str(UUID(int=8))},
        {"at": datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=3), "absent": "here", "count": True},
        {"at": datetime(2026, 7, 1, 12, tzinfo=timezone.get_fixed_timezone(-150))},
    ],
)
def test_a_row_is_what_the_serializer_returns(values: dict[str, Any], zone: str) -> None:
    rows = [row(**values), row()]
    with timezone.override(zone):
        expected = RowOut(rows, many=True).data
        found = represented(RowOut, rows)

    assert CompactJSONRenderer().render(found) == JSONRenderer().render(expected)


def test_a_row_may_be_a_dictionary() -> None:
    class ItemsOut(serializers.Serializer[Any]):
        items = serializers.CharField()

    assert represented(ItemsOut, [{"items": "two"}]) == [{"items": "two"}]
