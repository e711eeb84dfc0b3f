"""Ada's submission, and a GitHub that shows what its commit changes."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from study.discussions.tasks import fetch_requested_diffs
from tests.conftest import submission_page
from tests.reviews.conftest import work
from tests.submissions.conftest import FakeGitHub, fake_github

__all__ = ["fake_github", "work"]

REPOSITORY = "ceos-developers/django-vote-15th"
BASE, HEAD = "e" * 40, "a" * 40
PATCH = """@@ -1,3 +1,4 @@ def vote():
 import json
-SECRET = "<b>neuti</b>"
+import os
+SECRET = os.environ["SECRET"]
 # end
\\ No newline at end of file"""


def plain(page: str) -> str:
    """Return the page without the colours of its code."""
    return re.sub(r"</?span[^>]*>", "", page)


def changed(filename: str = "vote/app.py", **changes: Any) -> dict[str, Any]:
    return {
        "sha": "f" * 40,
        "filename": filename,
        "status": "modified",
        "additions": 2,
        "deletions": 1,
        "changes": 3,
        "patch": PATCH,
        **changes,
    }


@pytest.fixture
def github(fake_github: FakeGitHub) -> FakeGitHub:
    """GitHub knows the pull request; a test says which files it changes with `shows`."""
    fake_github.says(
        f"/repos/{REPOSITORY}/pulls/42",
        {
            "id": 1042,
            "number": 42,
            "html_url": f"https://github.com/{REPOSITORY}/pull/42",
            "state": "open",
            "head": {"sha": HEAD, "ref": "week3"},
            "base": {"sha": BASE, "ref": "master", "repo": {"id": 15, "full_name": REPOSITORY}},
            "created_at": "2026-11-24T00:00:00Z",
            "updated_at": "2026-11-24T00:00:00Z",
            "changed_files": 1,
        },
    )
    shows(fake_github, changed())
    return fake_github


def compare_path(head: str = HEAD) -> str:
    return f"/repos/{REPOSITORY}/compare/{BASE}...{head}"


def shows(github: FakeGitHub, *files: dict[str, Any], **answer: Any) -> None:
    github.says(compare_path(), {"status": "ahead", "ahead_by": 1, "files": list(files)}, **answer)


def files_url(work: SimpleNamespace) -> str:
    return f"{submission_page(work.submission)}files/"


def open_files(browser: Any, work: SimpleNamespace, query: str = "") -> str:
    """Open the page, let the worker ask GitHub, and return the page as it is then."""
    browser.get(files_url(work))
    fetch_requested_diffs()
    page: str = browser.get(files_url(work) + query).content.decode()
    return page
