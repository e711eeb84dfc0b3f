from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from study.discussions.models import Diff
from study.discussions.rules import File, pack_files
from tests.authorization import Row, mentors, signed_in
from tests.authorization import reviews as reviews_table

# The author, and the mentors and operators.
READERS = Row((401, 404, 200, 200, 200, 404))
ROWS = {
    "list_changed_files": READERS,
    "get_changed_file": READERS,
    "list_line_comments": READERS,
    "save_line_comment": mentors(204, {"path": "vote/app.py", "side": "new", "line": 1, "body": "좋아요"}),
    "delete_line_comment": mentors(204),
    "list_threads": READERS,
    "answer_thread": Row((401, 404, 204, 204, 204, 404), {"comment_id": None, "body": "고쳤어요"}),
    "list_saved_replies": signed_in(200),
    "save_reply": signed_in(204, {"body": "테스트를 하나 추가해 주세요."}),
    "delete_reply": signed_in(204),
    "resolve_thread": mentors(204, {"comment_id": None, "is_resolved": True}),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    """Ada's submission with its changed files, which were fetched already."""
    values = reviews_table.create_rows(club)
    submission = values["submission"]
    patch = "@@ -1,1 +1,1 @@\n-1\n+2"
    Diff.objects.create(
        pull_request=submission.pull_request,
        head_sha="a" * 40,
        fetched_at=timezone.now(),
        content=pack_files([File(path="vote/app.py", patch=patch)]),
    )
    return {**values, "number": 1, "comment_id": uuid4(), "entry_id": uuid4(), "reply_id": uuid4()}
