"""The hand-written SQL of `floor` and `litestar_app`, for MySQL and SQLite.

The ids of a page are found first, so that everything else is read for its rows only. If the tables change,
these statements must remain the cheapest known for them: they are what the product is compared with.
"""

from __future__ import annotations

ROLE = "SELECT role FROM cohorts_membership WHERE cohort_id = %s AND account_id = %s AND live = 1"

_NEWEST = """
    SELECT submission.id
    FROM submissions_submission submission
    WHERE submission.cohort_id = %s {after}
    ORDER BY submission.created_at DESC, submission.id DESC
    LIMIT %s
"""
# The first condition lets MySQL begin in the index where the page begins.
_AFTER = "AND submission.created_at <= %s AND (submission.created_at < %s OR submission.id < %s)"

_SUBMISSIONS = """
SELECT submission.id, mission.cohort_id, cohort.title, submission.mission_id, mission.title, week.number,
    submission.account_id, account.name, reviewer.account_id, mentor.name,
    repository.name, decision.rule, pull_request.number, pull_request.url,
    submission.state, submission.was_late, submission.attempts_count,
    submission.points, submission.max_points, submission.released_at,
    submission.completed_at, event.kind, event.actor,
    submission.created_at, mission.due_at, part_deadline.due_at,
    (
        SELECT extension.hours FROM missions_extension extension
        WHERE extension.mission_id = submission.mission_id
            AND extension.membership_id = submission.membership_id AND extension.withdrawn_at IS NULL
        ORDER BY extension.granted_at DESC, extension.id DESC LIMIT 1
    ),
    attempt.received_at
FROM {source}
JOIN missions_mission mission ON mission.id = submission.mission_id
JOIN cohorts_cohort cohort ON cohort.id = mission.cohort_id
JOIN cohorts_week week ON week.id = mission.week_id
JOIN cohorts_membership membership ON membership.id = submission.membership_id
LEFT JOIN account_mirror_accountmirror account ON account.account_id = submission.account_id
LEFT JOIN cohorts_membership reviewer ON reviewer.cohort_id = mission.cohort_id
    AND reviewer.account_id = submission.mentor_id AND reviewer.live = 1
    AND reviewer.role IN ('mentor', 'operator')
LEFT JOIN account_mirror_accountmirror mentor ON mentor.account_id = reviewer.account_id
LEFT JOIN github_pullrequest pull_request ON pull_request.id = submission.pull_request_id
LEFT JOIN github_repository repository ON repository.id = pull_request.repository_id
LEFT JOIN submissions_missiondecision decision ON decision.pull_request_id = pull_request.id
LEFT JOIN github_timelineevent event ON event.id = submission.completing_event_id
LEFT JOIN missions_partdeadline part_deadline ON part_deadline.mission_id = submission.mission_id
    AND part_deadline.part_id = membership.part_id
LEFT JOIN submissions_attempt attempt ON attempt.submission_id = submission.id AND attempt.number = 1
"""
_ORDER = " ORDER BY submission.created_at DESC, submission.id DESC"
_PAGE = "({ids}) page JOIN submissions_submission submission ON submission.id = page.id"

# Parameters: the cohort, and how many rows.
FIRST_PAGE = _SUBMISSIONS.format(source=_PAGE.format(ids=_NEWEST.format(after=""))) + _ORDER
# Parameters: the cohort, the time of the last row twice, its id, and how many rows.
NEXT_PAGE = _SUBMISSIONS.format(source=_PAGE.format(ids=_NEWEST.format(after=_AFTER))) + _ORDER
# Parameters: the submission, and the caller's account twice.
SUBMISSION = _SUBMISSIONS.format(source="submissions_submission submission") + (  # noqa: S608 - constants
    " WHERE submission.id = %s AND (submission.account_id = %s OR EXISTS ("
    " SELECT 1 FROM cohorts_membership staff WHERE staff.cohort_id = mission.cohort_id"
    " AND staff.account_id = %s AND staff.live = 1 AND staff.role IN ('mentor', 'operator')))"
)
ATTEMPTS = """
SELECT number, head_sha, source, received_at, clock, due_at, late_seconds
FROM submissions_attempt WHERE submission_id = %s ORDER BY number
"""
EVENTS = """
SELECT event.kind, event.at, event.actor, event.sha, event.before_sha, event.text, event.count
FROM submissions_submission submission
JOIN github_timelineevent event ON event.pull_request_id = submission.pull_request_id
WHERE submission.id = %s
"""
