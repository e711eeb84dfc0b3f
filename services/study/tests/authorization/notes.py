from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.notes.models import Note
from tests.authorization import operators
from tests.conftest import OLGA

BODY = {"body": "통화함. 다음 주까지 지켜보기."}
ROWS = {
    "list_notes": operators(200),
    "create_note": operators(201, BODY),
    "update_note": operators(200, BODY),
    "delete_note": operators(204),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    """Olga's note about Ada."""
    note = Note.objects.create(
        cohort=club.cohort,
        account_id=club.ada.account_id,
        author_id=OLGA,
        body="이번 달 인턴 시작",
        created_at=timezone.now(),
    )
    return {"cohort_id": club.cohort.id, "membership_id": club.ada.id, "note_id": note.id}
