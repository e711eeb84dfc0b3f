"""What is pasted into a chat that takes no messages of programs, and what a form posts. Pure."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from study.announcements.models import AnnouncementDraft
from study.missions.rules.markdown import markdown_excerpt

# KakaoTalk folds longer messages.
MAX_CHAT_TEXT = 1000


def chat_text(*, cohort: str, title: str, body: str, url: str) -> str:
    """Return an announcement as plain text of at most MAX_CHAT_TEXT characters, with its link at the end."""
    head = f"[{cohort}] {title}"
    max_length = MAX_CHAT_TEXT - len(head) - len(url) - 4
    return "\n\n".join(filter(None, [head, markdown_excerpt(body, max_length=max_length), url]))


def as_typed(draft: AnnouncementDraft) -> dict[str, Any]:
    """Return a draft, read with its cohort, as a browser posts it: its preview has the same digest."""
    at = draft.publish_at
    return {
        "title": draft.title,
        "body": re.sub(r"\r\n?|\n", "\r\n", draft.body),
        "part_id": draft.part_id,
        "team_id": draft.team_id,
        "publish_at": f"{at.astimezone(ZoneInfo(draft.cohort.time_zone)):%Y-%m-%dT%H:%M}" if at else "",
    }
