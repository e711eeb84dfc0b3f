"""The files that a submitted commit changes: fetched from GitHub once, shown as text, or why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.discussions.actions.diffs import request_diff
from study.discussions.models import Diff
from study.discussions.rules import File, pack_files, parse_patch, unpack_files
from study.discussions.tasks import delete_old_diffs, fetch_diff, fetch_requested_diffs
from study.github.models import GitHubLimit
from study.submissions.models import Attempt
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.discussions.conftest import (
    HEAD,
    PATCH,
    REPOSITORY,
    changed,
    compare_path,
    files_url,
    open_files,
    plain,
    shows,
)


def test_the_page_asks_in_the_background_and_shows_the_lines(work, github, as_principal):
    boris = as_principal(BORIS)

    first = boris.get(files_url(work)).content.decode()

    assert "GitHub에 물어보고 있어요" in first
    assert 'hx-trigger="load delay:2s"' in first
    assert github.asked == []
    fetch_requested_diffs()
    shown = plain(boris.get(files_url(work)).content.decode())
    assert "vote/app.py" in shown
    assert "+import os" in shown
    assert "−SECRET = &quot;&lt;b&gt;neuti&lt;/b&gt;&quot;" in shown
    assert 'hx-trigger="load delay' not in shown
    assert f"https://github.com/{REPOSITORY}/pull/42/files/{HEAD}" in shown


def test_github_is_asked_once_a_commit_whoever_looks(work, github, as_principal):
    open_files(as_principal(BORIS), work)
    open_files(as_principal(ADA), work)
    fetch_diff(diff_id=str(Diff.objects.get().id))

    assert len([path for path in github.paths if "/compare/" in path]) == 1
    assert all("per_page=1" in path for path in github.paths if "/compare/" in path)


@pytest.mark.parametrize("who", [ADA, BORIS, OLGA])
def test_the_author_and_the_staff_see_it(work, github, as_principal, who):
    assert "+import os" in plain(open_files(as_principal(who), work))


def test_nobody_else_sees_it_and_nothing_is_asked_for_them(work, github, as_principal):
    assert as_principal(CLARA).get(files_url(work)).status_code == 404
    assert not Diff.objects.exists()


def test_an_earlier_attempt_has_its_own_files(work, github, as_principal):
    Attempt.objects.create(
        submission=work.submission, number=2, head_sha="b" * 40, received_at=NOW, due_at=NOW
    )
    github.says(compare_path("b" * 40), {"files": [changed("later.py")]})
    boris = as_principal(BORIS)

    assert "later.py" in open_files(boris, work)
    boris.get(f"{files_url(work)}?attempt=1")
    fetch_requested_diffs()
    assert "vote/app.py" in boris.get(f"{files_url(work)}?attempt=1").content.decode()
    assert boris.get(f"{files_url(work)}?attempt=3").status_code == 404
    assert "later.py" in boris.get(f"{files_url(work)}?attempt=x").content.decode()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (403, "GitHub이 이 저장소를 보여 주지 않아요"),
        (404, "GitHub에서 이 커밋을 볼 수 없어요"),
        (451, "법적인 이유로"),
        (500, "GitHub이 응답하지 않아요"),
    ],
)
def test_what_github_refuses_is_said_with_the_link(work, github, as_principal, status, text):
    github.says(compare_path(), {"message": "no"}, status)

    shown = open_files(as_principal(ADA), work)

    assert text in shown
    assert f"pull/42/files/{HEAD}" in shown


def test_a_rate_limit_is_said_and_obeyed(work, github, as_principal):
    github.says(compare_path(), {"message": "slow down"}, 429, Retry_After=600)

    assert "더 요청할 수 없어요" in open_files(as_principal(ADA), work)
    assert GitHubLimit.objects.filter(resumes_at__gt=timezone.now() + timedelta(minutes=5)).exists()
    Diff.objects.update(fetched_at=timezone.now() - timedelta(minutes=2))
    asked = len(github.asked)
    assert "더 요청할 수 없어요" in open_files(as_principal(ADA), work)
    assert len(github.asked) == asked


def test_after_an_error_github_is_asked_again_but_not_by_every_view(work, github, as_principal):
    ada = as_principal(ADA)
    github.says(compare_path(), {}, 502)
    open_files(ada, work)
    shows(github, changed())

    assert "응답하지 않아요" in open_files(ada, work)
    Diff.objects.update(fetched_at=timezone.now() - timedelta(minutes=2))
    assert "+import os" in plain(open_files(ada, work))


def test_an_answer_that_is_too_large_is_said(work, github, as_principal):
    github.says(compare_path(), b" " * (10 * 1024 * 1024 + 2))

    assert "너무 커서" in open_files(as_principal(ADA), work)


def test_binary_renamed_and_omitted_files_say_so(work, github, as_principal):
    shows(
        github,
        changed("logo.png", additions=0, deletions=0, patch=None),
        changed("b.py", status="renamed", previous_filename="a.py", additions=0, deletions=0, patch=None),
        changed("package-lock.json", additions=30_000, patch=None),
    )

    shown = open_files(as_principal(BORIS), work)

    assert "비어 있거나 글이 아닌 파일이에요" in shown
    assert "이름만 바뀌었어요" in shown
    assert "a.py" in shown
    assert "바뀐 줄이 너무 많아" in shown


def test_a_line_of_a_megabyte_is_cut_and_says_so(work, github, as_principal):
    shows(github, changed("min.js", patch="@@ -0,0 +1,1 @@\n+" + "x" * 1_000_000))

    shown = open_files(as_principal(BORIS), work)

    assert "x" * 1000 in shown
    assert "x" * 1001 not in shown
    assert "줄이 더 길어요" in shown
    assert len(bytes(Diff.objects.get().content or b"")) < 10_000


def test_over_three_hundred_files_are_said(work, github, as_principal):
    shows(github, *[changed(f"f{n}.py") for n in range(300)])
    github.answers[f"/repos/{REPOSITORY}/pulls/42"][2]["changed_files"] = 412

    shown = open_files(as_principal(BORIS), work)

    assert "바뀐 파일 412개 가운데 300개" in shown
    assert "f299.py" in shown


def test_many_lines_are_on_several_pages(work, github, as_principal):
    lines = "\n".join(f"+line {n}" for n in range(900))
    shows(github, *[changed(f"f{n}.py", patch=f"@@ -0,0 +1,900 @@\n{lines}") for n in range(3)])
    boris = as_principal(BORIS)

    first = plain(open_files(boris, work))

    assert first.count("+line 899<") == 1
    assert "?attempt=1&amp;file=2#file-2" in first
    second = boris.get(f"{files_url(work)}?attempt=1&file=2").content.decode()
    assert 'id="file-2"' in second
    assert 'id="file-1"' not in second


def test_a_file_longer_than_a_page_says_so(work, github, as_principal):
    lines = "\n".join(f"+line {n}" for n in range(2000))
    shows(github, changed("long.py", patch=f"@@ -0,0 +1,2000 @@\n{lines}"))

    shown = plain(open_files(as_principal(BORIS), work))

    assert "+line 999<" in shown
    assert "+line 1000<" not in shown
    assert "바뀐 줄이 더 있어요" in shown


def test_any_bytes_in_a_file_hide_no_other_file(work, github, as_principal):
    shows(github, changed("odd\x00.txt", patch="@@ -0,0 +1,1 @@\n+\x00\ud800"), changed())

    assert "+import os" in plain(open_files(as_principal(BORIS), work))


def test_a_merged_pull_request_is_compared_with_what_its_branch_left(work, github, as_principal):
    about = github.answers[f"/repos/{REPOSITORY}/pulls/42"][2]
    about.update(state="closed", merged_at="2026-11-25T00:00:00Z", closed_at="2026-11-25T00:00:00Z")

    assert "+import os" in plain(open_files(as_principal(ADA), work))


def test_the_api_lists_files_and_their_lines(work, github, api_as):
    api, path = api_as(ADA), f"/api/v1/study/submissions/{work.submission.id}/files"
    assert api.get(path).json()["state"] == "loading"
    assert api.get(f"{path}/1").status_code == 404
    fetch_requested_diffs()

    listed = api.get(path).json()

    assert (listed["state"], listed["error"], listed["total"], listed["has_more"]) == (
        "ready",
        None,
        1,
        False,
    )
    assert [file["path"] for file in listed["files"]] == ["vote/app.py"]
    [hunk] = api.get(f"{path}/1").json()["hunks"]
    assert [(line["kind"], line["old"], line["new"]) for line in hunk["lines"]] == [
        ("context", 1, 1),
        ("removed", 2, None),
        ("added", None, 2),
        ("added", None, 3),
        ("context", 3, 4),
    ]
    assert api.get(f"{path}/2").status_code == 404


def test_the_api_says_why_it_failed(work, github, api_as):
    github.says(compare_path(), {}, 451)
    api, path = api_as(BORIS), f"/api/v1/study/submissions/{work.submission.id}/files"
    api.get(path)
    fetch_requested_diffs()

    answer = api.get(path).json()

    assert (answer["state"], answer["error"], answer["files"]) == ("failed", "blocked", [])


def test_old_ones_are_deleted_and_fetched_again(work, github, as_principal):
    open_files(as_principal(ADA), work)
    delete_old_diffs()
    assert Diff.objects.count() == 1
    Diff.objects.update(fetched_at=timezone.now() - timedelta(days=31))

    delete_old_diffs()

    assert not Diff.objects.exists()
    assert "+import os" in plain(open_files(as_principal(ADA), work))


def test_a_list_never_reads_the_content(work, github, as_principal, django_assert_max_num_queries):
    open_files(as_principal(ADA), work)

    diff = request_diff(pull_request=work.submission.pull_request, head_sha=HEAD, at=NOW)

    assert "content" in diff.get_deferred_fields()


@pytest.mark.parametrize(
    "patch", ["", "no hunk", "@@ broken", "@@ -1 +1 @@", "+early\n@@ -1,2 +3,4 @@\n\n\n?x"]
)
def test_any_text_is_parsed(patch):
    assert all(not hunk.lines for hunk in parse_patch(patch))


def test_what_is_packed_is_unpacked():
    file = File(path="vote/app.py", additions=2, deletions=1, patch=PATCH)

    assert unpack_files(pack_files([file]) or b"") == [file]
