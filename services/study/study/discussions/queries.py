"""Read models of changed files: the files of a commit, their lines, and the comments on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from chassis.account_mirror.models import AccountMirror
from study.discussions.models import MAX_SAVED_REPLIES, Diff, EntryKind, LineComment, SavedReply, ThreadEntry
from study.discussions.rules import MAX_FILES, File, Hunk, Line, Run, highlight, parse_patch, unpack_files
from study.github.models import PullRequest
from study.missions.rules.markdown import render_markdown
from study.submissions.models import Attempt, Submission

# Lines that a page shows; what follows is on the next.
MAX_PAGE_LINES = 1000


# The file, side and number of a line.
Place = tuple[str, str, int]


@dataclass(frozen=True)
class Commit:
    """A commit of the pull request that was submitted as an attempt."""

    pull_request: PullRequest
    attempt: Attempt
    sha: str


@dataclass(frozen=True)
class ShownLine:
    """A line, highlighted, with the comments on it. `is_chosen`: the form for another one is below it."""

    line: Line
    runs: list[Run]
    comments: list[Any]
    is_chosen: bool


@dataclass(frozen=True)
class ShownHunk:
    heading: str
    lines: list[ShownLine]


@dataclass(frozen=True)
class ShownFile:
    """A file of a page. `is_cut`: it has more lines than a page shows."""

    number: int
    file: File
    hunks: list[ShownHunk]
    is_cut: bool

    @property
    def is_chosen(self) -> bool:
        """Return whether the form is below one of its lines."""
        return any(line.is_chosen for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True)
class ChangedFile:
    """A changed file with its number in the diff, from 1, and its hunks."""

    number: int
    file: File
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.file.path.rpartition("/")[2]


@dataclass(frozen=True)
class ListedFile:
    """A file of the list. `address` leads to it, on this page or on another of the attempt."""

    changed: ChangedFile
    comments: int
    address: str


@dataclass(frozen=True)
class ChangedFiles:
    """The files that a commit changes, in GitHub's order."""

    files: list[File]
    total: int | None

    @property
    def has_more(self) -> bool:
        """Return whether GitHub lists not all of them, or may not."""
        return len(self.files) >= MAX_FILES if self.total is None else self.total > len(self.files)

    def numbered(self) -> list[ChangedFile]:
        """Return the files with their numbers, without their lines."""
        return [ChangedFile(number, file) for number, file in enumerate(self.files, start=1)]

    def find(self, number: int) -> ChangedFile | None:
        """Return the file with that number and all its lines, or None."""
        if not 1 <= number <= len(self.files):
            return None
        file = self.files[number - 1]
        return ChangedFile(number, file, parse_patch(file.patch))

    def number_of(self, path: str) -> int:
        """Return the number of the file with this path; 1 if there is none."""
        return next((number for number, file in enumerate(self.files, start=1) if file.path == path), 1)

    def page(
        self, number: int, *, comments: Iterable[Any] = (), chosen: Place | None = None
    ) -> list[ShownFile]:
        """Return the files from that number on whose lines fit on a page, at least one if there is one."""
        of_lines: dict[Place, list[Any]] = {}
        for comment in comments:
            of_lines.setdefault((comment.path, comment.side, comment.line), []).append(comment)
        shown: list[ShownFile] = []
        left = MAX_PAGE_LINES
        while file := self.find(number):
            lines = sum(len(hunk.lines) for hunk in file.hunks)
            if shown and lines > left:
                break
            hunks, is_cut = _cut(file.hunks, left)
            with_comments = [_with_comments(file.file.path, hunk, of_lines, chosen) for hunk in hunks]
            shown.append(ShownFile(number, file.file, with_comments, is_cut))
            left, number = left - lines, number + 1
        return shown


def _with_comments(
    path: str, hunk: Hunk, comments: dict[Place, list[Any]], chosen: Place | None
) -> ShownHunk:
    places = [((path, line.side, line.number), line) for line in hunk.lines]
    return ShownHunk(
        hunk.heading,
        [
            ShownLine(line, runs, comments.get(place, []), place == chosen)
            for (place, line), runs in zip(places, highlight(path, hunk), strict=True)
        ],
    )


def _cut(hunks: list[Hunk], limit: int) -> tuple[list[Hunk], bool]:
    """Return the first lines, and whether there are more."""
    cut: list[Hunk] = []
    for hunk in hunks:
        if limit <= 0:
            return cut, True
        cut.append(Hunk(hunk.heading, hunk.lines[:limit]))
        limit -= len(hunk.lines)
    return cut, limit < 0


@dataclass(frozen=True)
class Code:
    """A page of the files that an attempt changes, with the comments on them.

    `next` is the number of the first file on the next page, None on the last. `directories` are all files by
    their directory, "" for the top.
    """

    attempt: Attempt
    diff: Diff
    files: ChangedFiles
    shown: list[ShownFile]
    next: int | None
    directories: list[tuple[str, list[ListedFile]]]

    @property
    def query(self) -> str:
        """Return what names the attempt in an address."""
        return f"attempt={self.attempt.number}"


def code(
    commit: Commit, diff: Diff, *, number: int, comments: Iterable[Any], chosen: Place | None = None
) -> Code:
    """Return the files from that number on, with the `comments` on this commit. One query."""
    found = changed_files(diff)
    on_lines = list(comments)
    shown = found.page(number, comments=on_lines, chosen=chosen)
    is_last = not shown or shown[-1].number == len(found.files)
    here = {file.number for file in shown}
    per_file = Counter(comment.path for comment in on_lines)
    directories: dict[str, list[ListedFile]] = {}
    for changed in found.numbered():
        query = "" if changed.number in here else f"?attempt={commit.attempt.number}&file={changed.number}"
        listed = ListedFile(changed, per_file[changed.file.path], f"{query}#file-{changed.number}")
        directories.setdefault(changed.file.path[: -len(changed.name)], []).append(listed)
    return Code(
        commit.attempt,
        diff,
        found,
        shown,
        None if is_last else shown[-1].number + 1,
        list(directories.items()),
    )


def find_commit(submission: Submission, number: int | None) -> Commit | None:
    """Return the commit of the attempt with that number, or the newest; None if there is none."""
    attempts = submission.attempts.filter(head_sha__isnull=False).order_by("-number")
    attempt = (attempts if number is None else attempts.filter(number=number)).first()
    if attempt is None or attempt.head_sha is None or submission.pull_request is None:
        return None
    return Commit(submission.pull_request, attempt, attempt.head_sha)


def find_draft(
    submission: Submission,
    *,
    author_id: UUID,
    head_sha: str = "",
    place: Place | None = None,
    comment_id: UUID | None = None,
) -> LineComment | None:
    """Return this author's draft comment with this id, or their newest on the line of the commit, or None."""
    drafts = LineComment.objects.filter(submission=submission, author_id=author_id, released_at=None)
    if comment_id is not None:
        return drafts.filter(id=comment_id).first()
    if place is None:
        return None
    path, side, line = place
    return drafts.filter(head_sha=head_sha, path=path, side=side, line=line).order_by("-saved_at").first()


def changed_files(diff: Diff) -> ChangedFiles:
    """Return the files of a diff, none unless it is ready. One query, which loads its content."""
    if not diff.is_ready:
        return ChangedFiles([], None)
    content = Diff.objects.values_list("content", flat=True).get(id=diff.id)
    return ChangedFiles(unpack_files(bytes(content)) if content else [], diff.total_files)


def requested_diffs(*, limit: int) -> list[UUID]:
    """Return the diffs that wait to be fetched, longest first."""
    waiting = Diff.objects.filter(requested_at__isnull=False).order_by("requested_at", "id")
    return list(waiting.values_list("id", flat=True)[:limit])


@dataclass(frozen=True)
class Thread:
    """Answers and marks, oldest first, each with its `author_name` and its body as `html`."""

    entries: list[Any] = field(default_factory=list)

    @property
    def is_resolved(self) -> bool:
        """Return whether the newest mark says so."""
        marks = [entry.kind for entry in self.entries if entry.kind != EntryKind.ANSWER]
        return bool(marks) and marks[-1] == EntryKind.RESOLVED


@dataclass(frozen=True)
class Discussion:
    """Comments on the lines of a submission, each with its `thread`, and the thread of its review."""

    line_comments: list[Any]
    thread: Thread

    @property
    def unfinished(self) -> list[Any]:
        """Return the draft comments that the next release leaves out."""
        return [comment for comment in self.line_comments if comment.is_unfinished]


def count_unfinished(submission: Submission) -> int:
    """Return how many draft comments a release leaves out."""
    drafts = LineComment.objects.filter(submission=submission, released_at=None)
    return drafts.filter(is_finished=False).count()


def discussion(submission: Submission, *, drafts: bool) -> Discussion:
    """Return what was said about a submission; `drafts` of comments are for reviewers. Two queries.

    Comments are by attempt, file and line, each with its `author_name`, its `attempt`'s number (None if that
    is gone) and its body as `html`.
    """
    threads: dict[UUID | None, Thread] = {}
    for entry in _entries(submission):
        threads.setdefault(entry.line_comment_id, Thread()).entries.append(entry)
    rows = LineComment.objects.filter(submission=submission)
    attempts = Attempt.objects.filter(submission=submission, head_sha=OuterRef("head_sha"))
    comments = (rows if drafts else rows.filter(released_at__isnull=False)).annotate(
        author_name=AccountMirror.objects.name_of(OuterRef("author_id")),
        attempt=Subquery(attempts.values("number")[:1]),
    )
    found: list[Any] = list(comments.order_by("attempt", "path", "line", "created_at", "id"))
    for comment in found:
        comment.html = render_markdown(comment.body)
        comment.thread = threads.get(comment.id, Thread())
    return Discussion(found, threads.get(None, Thread()))


def _entries(submission: Submission) -> list[Any]:
    names = AccountMirror.objects.name_of(OuterRef("author_id"))
    rows = ThreadEntry.objects.filter(submission=submission).annotate(author_name=names)
    entries: list[Any] = list(rows.order_by("created_at", "id"))
    for entry in entries:
        entry.html = render_markdown(entry.body)
    return entries


def saved_replies(account_id: UUID) -> list[SavedReply]:
    """Return what an account has saved, oldest first: their order stays."""
    rows = SavedReply.objects.filter(account_id=account_id)
    return list(rows.order_by("created_at", "id")[:MAX_SAVED_REPLIES])


def find_reply(reply_id: UUID, *, account_id: UUID) -> SavedReply | None:
    """Return a reply of the account, or None."""
    return SavedReply.objects.filter(id=reply_id, account_id=account_id).first()
