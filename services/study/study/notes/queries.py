"""Read models of notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership
from study.missions.rules.markdown import render_markdown
from study.notes.models import Note


def list_notes(membership: Membership, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return a page of the notes about a member, the newest first, with `author_name` and `html`.

    Two statements.
    """
    rows = Note.objects.about(membership).with_author()
    page = page_of(rows, order=("-created_at", "-id"), cursor=cursor, size=size)
    for note in page.rows:
        note.html = render_markdown(note.body)  # type: ignore[attr-defined]
    return page


def export_notes(account_id: UUID) -> list[dict[str, Any]]:
    """Return what was written about the account, for its personal data, without the authors. One query."""
    rows = Note.objects.filter(account_id=account_id).order_by("created_at", "id")
    return [*map(dict, rows.values("body", "created_at", "edited_at", cohort_title=F("cohort__title")))]
