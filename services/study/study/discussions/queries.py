"""Read models of changed files: the files of a commit, and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from study.discussions.models import Diff
from study.discussions.rules import MAX_FILES, File, Hunk, parse_patch, unpack_files
from study.submissions.models import Attempt, Submission

# Lines that a page shows; what follows is on the next.
MAX_PAGE_LINES = 1500


@dataclass(frozen=True)
class ChangedFile:
    """A changed file with its number in the diff, from 1, and its hunks."""

    number: int
    file: File
    hunks: list[Hunk]
    # Whether it has more lines than a page shows.
    is_cut: bool = False


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
        return [ChangedFile(number, file, []) for number, file in enumerate(self.files, start=1)]

    def find(self, number: int) -> ChangedFile | None:
        """Return the file with that number and all its lines, or None."""
        if not 1 <= number <= len(self.files):
            return None
        file = self.files[number - 1]
        return ChangedFile(number, file, parse_patch(file.patch))

    def page(self, number: int) -> list[ChangedFile]:
        """Return the files from that number on whose lines fit on a page, at least one if there is one."""
        shown: list[ChangedFile] = []
        left = MAX_PAGE_LINES
        while file := self.find(number):
            lines = sum(len(hunk.lines) for hunk in file.hunks)
            if shown and lines > left:
                break
            shown.append(ChangedFile(number, file.file, *_cut(file.hunks, left)))
            left, number = left - lines, number + 1
        return shown


def _cut(hunks: list[Hunk], limit: int) -> tuple[list[Hunk], bool]:
    """Return the first lines, and whether there are more."""
    cut: list[Hunk] = []
    for hunk in hunks:
        if limit <= 0:
            return cut, True
        cut.append(Hunk(hunk.heading, hunk.lines[:limit]))
        limit -= len(hunk.lines)
    return cut, limit < 0


def find_attempt(submission: Submission, number: int | None) -> Attempt | None:
    """Return the attempt with that number, or the newest; None if there is none."""
    attempts = submission.attempts.order_by("-number")
    return (attempts if number is None else attempts.filter(number=number)).first()


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
