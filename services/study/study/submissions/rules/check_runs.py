"""What a check run says about a submission. Pure functions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from study.submissions.models import State

_PASSED = {State.APPROVED, State.MERGED, State.COMPLETED, "released"}
_OPEN_AGAIN = {State.CHANGES_REQUESTED, State.CLOSED, State.REVERTED}


def is_success(*, state: str, is_late: bool) -> bool:
    """Return whether the check run is green: what has passed, and what came in time and needs no change.

    `state` is the one to show (Submission.display_state).
    """
    return state in _PASSED or not (is_late or state in _OPEN_AGAIN)


def check_run_title(*, state: str, is_late: bool) -> str:
    """Return whether the submission is late, and its state, in the active language."""
    label = State(state).label if state in State.values else _("Score released")
    return f"{_('Late') if is_late else _('On time')} · {label}"


def check_run_summary(*, is_late: bool, url: str) -> str:
    """Return what the title means, as Markdown in the active language. It names nobody and no score."""
    received = (
        _("The submission was received after the deadline. It can still be reviewed.")
        if is_late
        else _("The submission was received before the deadline.")
    )
    link = _("Open the submission")
    return f"{received}\n\n[{link}]({url})"
