"""The review page: the code beside the rubric, comments in place, and what waits before and after it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from chassis.testing import NOW
from study.discussions.models import Diff
from study.discussions.rules import File, highlight, pack_files, parse_patch
from study.reviews import queries
from study.submissions.models import Submission
from tests.conftest import BORIS, review_page, submission_page
from tests.reviews.conftest import add_submissions
from tests.reviews.test_pages import filled, review_url

HTMX = {"HX-Request": "true"}


@pytest.fixture
def code(work):
    """The commit changes a line of a Python file."""
    Diff.objects.create(
        pull_request=work.submission.pull_request,
        head_sha=work.submission.attempts.get().head_sha,
        fetched_at=NOW,
        content=pack_files([File(path="a/b.py", patch="@@ -1,1 +1,1 @@\n-x = 1\n+def y(): pass")]),
    )


def test_the_page_leads_to_what_waits_before_and_after_it(work, club, as_principal):
    boris = as_principal(BORIS)
    add_submissions(work, club, 6)
    Submission.objects.update(mentor_id=BORIS)
    rows = queries.queue(BORIS).rows
    order, pages = [row.id for row in rows], [review_page(row) for row in rows]
    shown = boris.get(pages[2]).content.decode()

    named = [UUID(found) for found in re.findall(r'name="next" value="([0-9a-f-]+)"', shown)]
    assert named == [order[1], *order[:2], *order[3:7], order[3], order[3]]

    # Sent in the middle of the queue: on to the one after it, not back to those that were skipped.
    sent = boris.post(pages[2], {**filled(work, 4, 2, release="1"), "revision": ""})
    assert sent["Location"] == pages[3]
    sent = boris.post(pages[-1], {**filled(work, 4, 2, release="1"), "revision": ""})
    assert sent["Location"] == pages[0]


def test_the_code_is_beside_the_rubric(work, code, as_principal):
    shown = as_principal(BORIS).get(review_url(work)).content.decode()

    assert '<span class="k">def</span>' in shown
    assert '<span class="f">y</span>' in shown
    assert 'href="#file-1" title="a/b.py"' in shown
    assert 'aria-label="1번 줄에 코멘트"' in shown
    assert shown.count('type="radio"') == 6


def test_a_comment_is_saved_in_its_row(work, code, as_principal):
    boris = as_principal(BORIS)
    row = f"{submission_page(work.submission)}files/line/?attempt=1&file=1&line=new-1"

    form = boris.get(row, headers=HTMX).content.decode()
    assert form.strip().startswith("<tr")
    sent = dict(re.findall(r'<input type="hidden"[^>]* name="(\w+)" value="([^"]*)"', form))
    sent |= dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    refused = boris.post(row, {**sent, "body": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "<textarea" in refused.content.decode()

    saved = boris.post(row, {**sent, "body": "이름이 좋아요"}, headers=HTMX)

    assert "이름이 좋아요" in saved.content.decode()
    assert "<textarea" not in saved.content.decode()
    assert "이름이 좋아요" in boris.get(review_url(work)).content.decode()
    assert boris.get(f"{row}&closed", headers=HTMX).content.decode().count("<textarea") == 0
    other = f"{submission_page(work.submission)}files/line/?attempt=1&file=1&line=old-1&closed"
    assert boris.get(other, headers=HTMX).content.decode().strip() == ""


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("a.py", ["+x = '''a", "+b'''", " def f(): pass", "-\t# old"]),
        ("a.py", ["+a\rb = 1\r", "-x\r"]),
        ("a.json", ["+{", "-}"]),
        ("Makefile", ["+all:", "+\techo 1", ""]),
        ("unknown.zzz", ["+<b>"]),
        ("long.py", ["+" + "x" * 200_000]),
        ("empty.py", ["+", "-", " "]),
    ],
)
def test_highlighting_changes_no_text(path, lines):
    hunk = parse_patch("@@ -1,9 +1,9 @@\n" + "\n".join(lines))[0]

    shown = ["".join(text for _css, text in runs) for runs in highlight(path, hunk)]

    assert shown == [line.shown.rstrip("\r").replace("\r", " ") for line in hunk.lines]
