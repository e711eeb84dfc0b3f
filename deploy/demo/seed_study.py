"""The sample cohort: five past weeks, the sixth is running, with submissions in every state.

All data is created by the services' actions, with past times. Events older than two days are deleted from the
outbox, so that nobody is notified of them.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from seed_data import CHANGED_FILES, DATA, PEOPLE, Person, delivery, open_pull_request

from chassis.account_mirror import actions as mirrors
from chassis.events.models import OutboxEvent
from study.announcements import actions as announcements
from study.cohorts import actions as cohorts
from study.cohorts.models import Cohort, Membership, Role
from study.discussions.models import Diff
from study.discussions.rules import File, pack_files
from study.github.actions.ingest import ingest_pull_request, ingest_review
from study.github.actions.webhooks import create_webhook
from study.github.models import Source
from study.github.rules.parsing import parse_event
from study.memberships.actions.github import claim_github, set_github_login
from study.memberships.actions.invitations import create_invitation
from study.memberships.actions.joining import join
from study.memberships.actions.memberships import leave, update_membership
from study.memberships.rules import CONSENT_VERSION
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.models import Mission
from study.missions.rules.rubric import CriterionData, LevelData
from study.notes.actions import create_note
from study.reviews import actions as reviews
from study.reviews.forms import ScoreInput
from study.submissions.actions.grading import assign_mentor
from study.submissions.models import Attempt, Submission

WEEKS, PAST_WEEKS = 8, 5
NOTIFY_WINDOW = timedelta(days=2)
SYNC_EVENTS = "study.cohort_changed.v1", "study.membership_changed.v1"
OPERATOR = PEOPLE["operator"].account_id


def fill() -> None:
    """Create the sample data unless there is a cohort."""
    if Cohort.objects.exists():
        return
    now = timezone.now()
    for person in PEOPLE.values():
        mirrors.upsert_account(
            account_id=person.account_id,
            name=person.name,
            github_id=person.github_id,
            github_login=person.linked_login,
            version=1,
        )
    today = now.astimezone(ZoneInfo("Asia/Seoul")).date()
    cohort = cohorts.create_cohort(
        account_id=OPERATOR,
        allowed=True,
        title=DATA["cohort"],
        time_zone="Asia/Seoul",
        parts=[part["name"] for part in DATA["parts"]],
        weeks=WEEKS,
        first_day=today - timedelta(days=today.weekday(), weeks=PAST_WEEKS),
        at=now - timedelta(days=49),
    )
    create_webhook(cohort=cohort, by=OPERATOR, at=now - timedelta(days=40))
    simulation = Simulation(cohort, _members(cohort, now), now)
    for part in DATA["parts"]:
        simulation.run(part)
    reviews.assign_evenly(cohort_id=cohort.id)
    store_changed_files(cohort, now)
    for days, title, body, name in DATA["announcements"]:
        addressed = cohort.parts.filter(name=name).first()
        announcements.publish_announcement(
            cohort=cohort,
            part_id=addressed.id if addressed else None,
            author_id=OPERATOR,
            title=title,
            body=body,
            at=now - timedelta(days=days),
        )
    OutboxEvent.objects.exclude(name__in=SYNC_EVENTS).filter(occurred_at__lt=now - NOTIFY_WINDOW).delete()


def store_changed_files(cohort: Cohort, now: datetime) -> None:
    """Store what the submitted commits change, as if GitHub had been asked: it does not know them."""
    packed = {
        part: (len(files), pack_files(File(**file) for file in files))
        for part, files in CHANGED_FILES.items()
    }
    # What a mission of another part, or of none, is answered with.
    other = next(iter(packed.values()))
    commits = Attempt.objects.filter(submission__mission__cohort=cohort, head_sha__isnull=False).values_list(
        "submission__pull_request_id", "head_sha", "submission__mission__part__name"
    )
    Diff.objects.bulk_create(
        Diff(
            pull_request_id=pull_request_id,
            head_sha=str(head_sha),
            fetched_at=now,
            total_files=packed.get(part, other)[0],
            content=packed.get(part, other)[1],
        )
        for pull_request_id, head_sha, part in commits
    )


def _members(cohort: Cohort, now: datetime) -> dict[str, Membership]:
    """Let everybody join by an invitation of their own; return the memberships by the person's key."""
    opened = now - timedelta(days=49)
    parts = {part.name: part.id for part in cohort.parts.all()}
    teams = {name: cohorts.create_team(cohort=cohort, name=name).id for name in DATA["teams"]}
    members: dict[str, Membership] = {}
    invite = partial(create_invitation, cohort=cohort, by=OPERATOR)
    for person in PEOPLE.values():
        if person.account_id == OPERATOR:
            continue
        link = invite(
            role=Role(person.role),
            part_id=parts.get(person.part),
            expires_at=opened + timedelta(days=7),
            max_uses=1,
            at=opened,
        )
        joined = opened + timedelta(hours=2 + len(members))
        membership = join(
            invitation=link, account_id=person.account_id, consent_version=CONSENT_VERSION, at=joined
        )
        if person.team:
            membership = update_membership(
                membership=membership,
                role=Role(person.role),
                part_id=membership.part_id,
                team_id=teams[person.team],
                by=OPERATOR,
                at=joined,
            )
        members[person.key] = membership
    # An open invitation, GitHub logins set by an operator, a pending claim, and a former member.
    invite(
        role=Role.MEMBER,
        part_id=parts[DATA["parts"][0]["name"]],
        expires_at=now + timedelta(days=5),
        max_uses=10,
        at=now - timedelta(days=1),
    )
    for key in ("member7", "member27", "member37"):
        set_github_login(membership=members[key], login=PEOPLE[key].login, by=OPERATOR, at=now)
    claim_github(membership=members["member17"], login=PEOPLE["member17"].login)
    create_note(
        membership=members["member7"],
        body="통화: 이번 달에 인턴을 시작해서 **주말에** 몰아서 제출하기로 했어요. 다음 주까지 지켜보기.",
        by=OPERATOR,
        at=now - timedelta(days=3),
    )
    members["member39"] = leave(
        membership=members["member39"], by=members["member39"].account_id, at=now - timedelta(days=9)
    )
    return members


class Simulation:
    """Deterministic submissions and reviews."""

    def __init__(self, cohort: Cohort, members: dict[str, Membership], now: datetime) -> None:
        self.cohort, self.members, self.now = cohort, members, now
        self.rng = random.Random(16)  # noqa: S311 - sample data, no secret
        self.count = 0

    def run(self, part: dict[str, Any]) -> None:
        """Create the missions of a part, and the submissions and reviews of its members up to now."""
        people = [person for person in PEOPLE.values() if person.part == part["name"]]
        mentors = [person for person in people if person.role == "mentor"]
        members = [person for person in people if person.role == "member"]
        weeks = dict(self.cohort.weeks.values_list("number", "id"))
        levels: list[LevelData] = [
            {"points": points, "label": label} for points, label in enumerate(DATA["levels"], start=1)
        ]
        rubric: list[CriterionData] = [{"title": title, "levels": levels} for title in DATA["criteria"]]
        for number, (title, repository) in enumerate(part["missions"], start=1):
            mission = create_mission(
                cohort=self.cohort,
                week_id=weeks[number],
                part_id=self.cohort.parts.get(name=part["name"]).id,
                title=title,
                body=DATA["body"].format(title=title),
                repository=f"neuti-demo/{repository}-16th",
                opens_at=None,
                due_at=None,
                rubric=rubric,
                by=OPERATOR,
                at=self.now - timedelta(days=45),
            )
            outcomes = part["submissions"][number - 1] if number <= len(part["submissions"]) else ""
            for n, (person, outcome) in enumerate(zip(members, outcomes, strict=False)):
                if outcome != ".":
                    self.submit(mission, person, mentors[n % 2], n, outcome)
            if number in {3, 6}:  # a pull request of an unknown GitHub user
                unknown = Person("nobody", "?", "member", login=f"someone-{number}")
                opened = mission.opens_at + timedelta(hours=20)
                self._open(mission, unknown, min(opened, self.now - timedelta(hours=2)))

    def submit(self, mission: Mission, person: Person, mentor: Person, n: int, outcome: str) -> None:
        """Create a submission and what follows it. `outcome` is a character of seed.toml."""
        if n % 13 == 5 and mission.week.number in {2, 4}:
            grant_extension(
                mission=mission,
                membership_id=self.members[person.key].id,
                hours=24,
                reason="병원 진료",
                granted_by=OPERATOR,
                at=mission.due_at - timedelta(hours=30),
            )
        at = mission.due_at + timedelta(hours=9 if outcome.isupper() else -5 - n)
        at = min(at, self.now - timedelta(hours=3 + n))
        pull = self._open(mission, person, at)
        for index, (step, hours) in enumerate(DATA["steps"][outcome.lower()]):
            at = min(at + timedelta(hours=hours), self.now - timedelta(minutes=50 - 10 * index))
            if step == "grade":
                self._grade(mission, person, mentor, at)
            elif step == "push":
                before = pull["head"]["sha"]
                self._change(pull, "synchronize", at, before, head=pull["head"] | {"sha": before[::-1]})
            elif step in {"merge", "close"}:
                closed = {"state": "closed", "closed_at": at.isoformat()}
                merged = {
                    "merged_at": at.isoformat(),
                    "merge_commit_sha": "c" * 40,
                    "merged_by": mentor.github_user,
                }
                changes: dict[str, Any] = closed | (merged if step == "merge" else {})
                self._change(pull, "closed", at, **changes)
            else:
                self._review(pull, mentor, step, at)

    def _open(self, mission: Mission, person: Person, at: datetime) -> dict[str, Any]:
        self.count += 1
        title = f"[{person.name}] {mission.title}"
        pull = open_pull_request(mission.repository, self.count, title, person.github_user, at)
        self._send("pull_request", delivery("opened", pull, pull["user"]), at)
        return pull

    def _change(
        self, pull: dict[str, Any], action: str, at: datetime, before: str | None = None, **changes: Any
    ) -> None:
        pull |= {"updated_at": at.isoformat(), **changes}
        self._send("pull_request", delivery(action, pull, pull["user"], before=before), at)

    def _review(self, pull: dict[str, Any], mentor: Person, state: str, at: datetime) -> None:
        self.count += 1
        review = {
            "id": self.count,
            "user": mentor.github_user,
            "state": state,
            "body": DATA["review_texts"][state],
            "commit_id": pull["head"]["sha"],
            "submitted_at": at.isoformat(),
            "author_association": "MEMBER",
        }
        payload = delivery("submitted", pull, mentor.github_user, review=review)
        self._send("pull_request_review", payload, at)

    def _send(self, event_type: str, payload: dict[str, Any], at: datetime) -> None:
        _action, event = parse_event(event_type, json.dumps(payload))
        ingest: Any = ingest_pull_request if event_type == "pull_request" else ingest_review
        ingest(cohort_id=self.cohort.id, event=event, source=Source.WEBHOOK, at=at)

    def _grade(self, mission: Mission, person: Person, mentor: Person, at: datetime) -> None:
        submission = Submission.objects.filter(mission=mission, membership=self.members[person.key]).first()
        if submission is None:
            return
        assign_mentor(submission=submission, mentor_id=mentor.account_id)
        scores = {}
        for criterion in mission.criteria.prefetch_related("levels"):
            level = self.rng.choices(
                sorted(criterion.levels.all(), key=lambda level: level.points), [1, 2, 5, 8]
            )[0]
            scores[criterion.id] = ScoreInput(level.id)
        reviews.save_draft(
            submission_id=submission.id,
            mentor_id=mentor.account_id,
            scores=scores,
            comment=self.rng.choice(DATA["comments"]),
            at=at,
        )
        reviews.release(submission_id=submission.id, mentor_id=mentor.account_id, at=at)
