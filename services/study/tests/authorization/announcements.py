from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chassis.testing import NOW
from study.announcements import actions
from study.announcements.models import AnnouncementDraft
from tests.authorization import cohort_members, operators
from tests.conftest import OLGA

ROWS = {
    "list_announcements": cohort_members(200),
    "publish_announcement": operators(201, {"title": "휴강", "body": "다음 주는 쉽니다."}),
    "get_announcement": cohort_members(200),
    "edit_announcement": operators(200, {"title": "휴강", "body": "이번 주는 쉽니다."}),
    "withdraw_announcement": operators(204),
    "restore_announcement": operators(200),
    "list_announcement_readers": operators(200),
    "remind_readers": operators(200),
    "list_announcement_drafts": operators(200),
    "create_announcement_draft": operators(
        201, {"title": "휴강", "body": "쉽니다.", "publish_at": "2030-01-01T09:00:00Z"}
    ),
    "update_announcement_draft": operators(200, {"title": "휴강", "body": "쉽니다."}),
    "delete_announcement_draft": operators(204),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    announcement = actions.publish_announcement(
        cohort=club.cohort, part_id=None, title="첫 공지", body="반갑습니다.", author_id=OLGA, at=NOW
    )
    draft = AnnouncementDraft.objects.create(
        cohort=club.cohort, title="다음 공지", body="곧 만나요.", planned_for=NOW
    )
    return {"cohort_id": club.cohort.id, "announcement_id": announcement.id, "draft_id": draft.id}
