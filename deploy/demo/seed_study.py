"""The sample cohort: five past weeks, the sixth is running, with submissions in every state.

All data is created by the services' actions, with past times. Events older than two days are deleted from the
outbox, so that nobody is notified of them.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils import timezone
from seed_people import (
    BACKEND,
    COHORT,
    EVERYONE,
    FRONTEND,
    MEMBERS,
    MENTORS,
    OPERATOR,
    OPERATORS,
    OWNER_OF_REPOSITORIES,
    TEAMS,
    Person,
)
from seed_texts import ANNOUNCEMENTS, BODY, COMMENTS, MISSIONS, RUBRIC

from chassis.account_mirror import actions as mirrors
from chassis.events.models import OutboxEvent
from study.announcements import actions as announcements
from study.cohorts import actions as cohorts
from study.cohorts.models import Cohort, Membership, Role
from study.github import actions as github
from study.github.rules.event_types import Person as GitHubPerson
from study.github.rules.event_types import PullRequestData, PullRequestEvent, Review, ReviewEvent
from study.memberships.actions.github import claim_github, set_github_login
from study.memberships.actions.invitations import create_invitation
from study.memberships.actions.joining import join
from study.memberships.actions.memberships import leave, update_membership
from study.memberships.models import Invitation
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.models import Criterion, Level, Mission
from study.missions.rules.rubric import CriterionSpec, LevelSpec
from study.reviews import actions as reviews
from study.submissions.actions.grading import assign_mentor
from study.submissions.actions.ingest import ingest_pull_request, ingest_review
from study.submissions.models import Source, Submission

WEEKS, PAST_WEEKS = 8, 5
NOTIFY_WINDOW = timedelta(days=2)
SYNC_EVENTS = "study.cohort_changed.v1", "study.membership_changed.v1"


def fill() -> None:
    """Create the sample data unless there is a cohort."""
    if Cohort.objects.exists():
        return
    now = timezone.now()
    for person in EVERYONE:
        mirrors.upsert_account(
            account_id=person.account_id,
            name=person.name,
            github_id=person.github_id,
            github_login=person.login if person.github_id else "",
            version=1,
        )
    cohort, members = _cohort(now)
    made = _missions(cohort, now)
    github.create_hook(cohort=cohort, at=now - timedelta(days=40))
    Simulation(cohort, members, now).run(made)
    _announce(cohort, now)
    old = OutboxEvent.objects.exclude(name__in=SYNC_EVENTS).filter(occurred_at__lt=now - NOTIFY_WINDOW)
    old.delete()


def _unlinked_id(login: str) -> int:
    return 92_000_000 + zlib.crc32(login.encode()) % 1_000_000


def _first_day(now: datetime) -> date:
    today = now.astimezone(ZoneInfo("Asia/Seoul")).date()
    return today - timedelta(days=today.weekday(), weeks=PAST_WEEKS)


def _cohort(now: datetime) -> tuple[Cohort, dict[str, Membership]]:
    opened = now - timedelta(days=49)
    cohort = cohorts.create_cohort(
        account_id=OPERATOR.account_id,
        allowed=True,
        title=COHORT,
        time_zone="Asia/Seoul",
        parts=[BACKEND, FRONTEND],
        weeks=WEEKS,
        first_day=_first_day(now),
        at=opened,
    )
    parts = {part.name: part for part in cohort.parts.all()}
    teams = {name: cohorts.create_team(cohort=cohort, name=name) for name in TEAMS}
    invite = partial(create_invitation, cohort=cohort, by=OPERATOR.account_id)
    members: dict[str, Membership] = {}
    for people in (OPERATORS[1:], MENTORS, MEMBERS):
        for person in people:
            link = invite(
                role=Role(person.role),
                part_id=parts[person.part].id if person.part else None,
                expires_at=opened + timedelta(days=7),
                max_uses=1,
                at=opened,
            )
            joined = opened + timedelta(hours=2 + len(members))
            membership = join(invitation=link, account_id=person.account_id, at=joined)
            if person.team:
                membership = update_membership(
                    membership=membership,
                    role=Role(person.role),
                    part_id=membership.part_id,
                    team_id=teams[person.team].id,
                    at=joined,
                )
            members[person.key] = membership
    _special_cases(invite, parts[BACKEND].id, members, now)
    return cohort, members


def _special_cases(
    invite: partial[Invitation], part_id: object, members: dict[str, Membership], now: datetime
) -> None:
    """Add an open invitation, a GitHub login set by an operator, a pending claim, and a former member."""
    invite(
        role=Role.MEMBER,
        part_id=part_id,
        expires_at=now + timedelta(days=5),
        max_uses=10,
        at=now - timedelta(days=1),
    )
    for n in (7, 27, 37):
        set_github_login(membership=members[f"member{n}"], login=f"neuti-{n:02d}")
    claim_github(membership=members["member17"], login="neuti-17")
    members["member39"] = leave(membership=members["member39"], at=now - timedelta(days=9))


def _missions(cohort: Cohort, now: datetime) -> list[tuple[Mission, str]]:
    weeks = {week.number: week for week in cohort.weeks.all()}
    rubric = [
        CriterionSpec(title, tuple(LevelSpec(points, label) for points, label in levels))
        for title, levels in RUBRIC
    ]
    made = []
    for part in cohort.parts.order_by("position"):
        for number, (title, repository) in enumerate(MISSIONS[part.name], start=1):
            mission = create_mission(
                cohort=cohort,
                week_id=weeks[number].id,
                part_id=part.id,
                title=title,
                body=BODY.format(title=title),
                repository=f"{OWNER_OF_REPOSITORIES}/{repository}-16th",
                opens_at=None,
                due_at=None,
                rubric=rubric,
                at=now - timedelta(days=45),
            )
            made.append((mission, part.name))
    return made


def _announce(cohort: Cohort, now: datetime) -> None:
    for days, title, body, part_name in ANNOUNCEMENTS:
        part = cohort.parts.filter(name=part_name).first()
        announcements.publish_announcement(
            cohort=cohort,
            part_id=part.id if part else None,
            author_id=OPERATOR.account_id,
            title=title,
            body=body,
            at=now - timedelta(days=days),
        )


class Simulation:
    """Deterministic submissions and reviews."""

    def __init__(self, cohort: Cohort, members: dict[str, Membership], now: datetime) -> None:
        self.cohort, self.members, self.now = cohort, members, now
        self.rng = random.Random(16)  # noqa: S311 - sample data, no secret
        self.count = 0
        self.rubrics: dict[UUID, list[Criterion]] = {}

    def run(self, made: list[tuple[Mission, str]]) -> None:
        """Create the submissions and reviews of every member and mission up to now."""
        for mission, part in made:
            if mission.opens_at > self.now:
                continue
            for n, person in enumerate(MEMBERS):
                if person.part == part and person.key != "member39":
                    self._submit(mission, person, n)
            self._unmatched_pull(mission)
        reviews.assign_evenly(cohort_id=self.cohort.id)

    def _submit(self, mission: Mission, person: Person, n: int) -> None:
        week = mission.week.number
        outcome = self._outcome(week, n)
        # The member with an unconfirmed GitHub account has only recent submissions.
        if outcome == "missing" or (person.key == "member17" and week < PAST_WEEKS):
            return
        if n % 13 == 5 and week in {2, 4}:
            grant_extension(
                mission=mission,
                membership_id=self.members[person.key].id,
                hours=24,
                reason="병원 진료",
                granted_by=OPERATOR.account_id,
                at=mission.due_at - timedelta(hours=30),
            )
        late = outcome == "late"
        opened = mission.due_at + timedelta(hours=9) if late else mission.due_at - timedelta(hours=5 + n)
        opened = min(opened, self.now - timedelta(hours=3 + n % 20))
        pull = self._pull(mission, person, opened)
        self._ingest(pull, opened, "opened")
        if week < PAST_WEEKS and n % 20 > 2:
            # Short history for most past submissions: opened, graded, merged.
            mentor = [m for m in MENTORS if m.part == person.part][n % 2]
            done = opened + timedelta(hours=20)
            self._grade(mission, person, mentor, done)
            self._ingest(self._ended(pull, done, merged=True), done, "closed")
            return
        if outcome in {"waiting", "late-waiting"}:
            return
        mentor = next(
            m for m in MENTORS if m.part == person.part and (n % 2 == 0 or m.key in {"mentor2", "mentor4"})
        )
        reviewed_at = min(opened + timedelta(hours=14 + n % 9), self.now - timedelta(minutes=30 + n))
        if outcome in {"changes", "again", "closed"} or n % 3 == 0:
            self._review(
                pull, mentor, "changes_requested", "이름을 조금 더 분명하게 지어 주세요.", reviewed_at
            )
            if outcome == "changes":
                return
            reviewed_at = min(reviewed_at + timedelta(hours=8), self.now - timedelta(minutes=5 + n))
            before, pull = (
                pull,
                self._pull(mission, person, opened, head="b", updated=reviewed_at, number=pull.number),
            )
            self._ingest(pull, reviewed_at, "synchronize", before=before.head_sha)
            if outcome == "again":
                return
        if outcome == "closed":
            self._ingest(self._ended(pull, reviewed_at, merged=False), reviewed_at, "closed")
            return
        reviewed_at = min(reviewed_at + timedelta(hours=3), self.now - timedelta(minutes=2 + n))
        self._review(pull, mentor, "approved", "좋아요. 수고했어요.", reviewed_at)
        if outcome != "approved":
            self._grade(mission, person, mentor, reviewed_at)
            done = min(reviewed_at + timedelta(minutes=20), self.now)
            self._ingest(self._ended(pull, done, merged=True), done, "closed")

    def _outcome(self, week: int, n: int) -> str:
        if week > PAST_WEEKS:
            # The running week: changes are requested from the demo's member; others vary.
            return [
                "changes",
                "waiting",
                "missing",
                "again",
                "missing",
                "approved",
                "missing",
                "late-waiting",
            ][n % 8]
        if n in {6, 18, 31}:
            return self.rng.choice(["missing", "missing", "late", "late"])
        if n == 0:
            return {2: "late", 4: "missing"}.get(week, "merged")
        if week == PAST_WEEKS and n % 9 == 4:
            return "closed"
        return self.rng.choices(["merged", "late", "missing"], [88, 8, 4])[0]

    def _pull(
        self,
        mission: Mission,
        person: Person,
        opened: datetime,
        *,
        head: str = "a",
        updated: datetime | None = None,
        number: int = 0,
    ) -> PullRequestData:
        if not number:
            self.count += 1
        number = number or self.count
        return PullRequestData(
            repository=mission.repository,
            number=number,
            github_id=70_000_000 + number,
            title=f"[{person.name}] {mission.title}",
            url=f"https://github.com/{mission.repository}/pull/{number}",
            author=GitHubPerson(id=person.github_id or _unlinked_id(person.login), login=person.login),
            head_sha=f"{number:07x}{head * 33}",
            head_ref=person.login,
            head_repository=f"{person.login}/{mission.repository.partition('/')[2]}",
            base_ref=person.login,
            state="open",
            draft=False,
            opened_at=opened,
            updated_at=updated or opened,
            closed_at=None,
            merged_at=None,
            merge_sha="",
            merged_by="",
            reviewers=(),
        )

    def _ended(self, pull: PullRequestData, at: datetime, *, merged: bool) -> PullRequestData:
        return replace(
            pull,
            state="merged" if merged else "closed",
            updated_at=at,
            closed_at=at,
            merged_at=at if merged else None,
            merge_sha="c" * 40 if merged else "",
            merged_by=MENTORS[0].login if merged else "",
        )

    def _ingest(self, pull: PullRequestData, at: datetime, action: str, before: str = "") -> None:
        event = PullRequestEvent(pull_request=pull, action=action, actor=pull.author.login, before=before)
        ingest_pull_request(cohort_id=self.cohort.id, event=event, source=Source.WEBHOOK, at=at)

    def _review(self, pull: PullRequestData, mentor: Person, state: str, text: str, at: datetime) -> None:
        self.count += 1
        review = Review(
            id=self.count,
            author=GitHubPerson(id=mentor.github_id or 0, login=mentor.login),
            state=state,
            text=text,
            sha=pull.head_sha,
            at=at,
            association="MEMBER",
        )
        event = ReviewEvent(pull_request=pull, action="submitted", actor=mentor.login, review=review)
        ingest_review(cohort_id=self.cohort.id, event=event, source=Source.WEBHOOK, at=at)

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
            scores[criterion.id] = reviews.ScoreInput(level.id)
        reviews.save_draft(
            submission_id=submission.id,
            mentor_id=mentor.account_id,
            scores=scores,
            comment=self.rng.choice(COMMENTS),
            at=at,
        )
        reviews.release(submission_id=submission.id, mentor_id=mentor.account_id, at=at)

    def _rubric(self, mission: Mission) -> list[Criterion]:
        if mission.id not in self.rubrics:
            levels = Prefetch("levels", Level.objects.order_by("points"))
            self.rubrics[mission.id] = list(mission.criteria.prefetch_related(levels))
        return self.rubrics[mission.id]

    def _unmatched_pull(self, mission: Mission) -> None:
        """Add a pull request by an unknown GitHub user in two of the weeks."""
        if mission.week.number in {3, 6}:
            unknown = Person("nobody", "?", "member", login=f"someone-{mission.week.number}")
            opened = mission.opens_at + timedelta(hours=20)
            self._ingest(
                self._pull(mission, unknown, min(opened, self.now - timedelta(hours=2))), opened, "opened"
            )
