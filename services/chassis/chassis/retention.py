"""Retention: delete old rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

# Small batches hold their locks briefly.
BATCH_SIZE = 1000


def delete_in_batches(rows: QuerySet[Any]) -> Iterator[int]:
    """Delete the rows; yield the size of each deleted batch, so that the caller can stop."""
    while batch := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
        rows.filter(pk__in=batch).delete()
        yield len(batch)
