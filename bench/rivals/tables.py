"""The tables as SQLAlchemy's mapped classes, with the columns that the API needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Select, TypeDecorator, Uuid, select
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from rivals import rules

Id = Uuid(native_uuid=False)
# A relation that is not loaded with its row is a mistake: an asynchronous session cannot load it later.
LAZY: Any = {"lazy": "raise_on_sql"}


class Utc(TypeDecorator[datetime]):
    """An aware time, stored in UTC without saying so."""

    impl = DateTime().with_variant(DATETIME(fsp=6), "mysql")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return it as it is stored."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return it as an aware one."""
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = {UUID: Id, datetime: Utc}


class Account(Base):
    __tablename__ = "account_mirror_accountmirror"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Membership(Base):
    __tablename__ = "cohorts_membership"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts_cohort.id"))
    account_id: Mapped[UUID]
    role: Mapped[str]
    part_id: Mapped[UUID | None]
    left_at: Mapped[datetime | None]
    extensions: Mapped[list[Extension]] = relationship(
        primaryjoin="and_(Extension.membership_id == Membership.id, Extension.withdrawn_at == None)",
        order_by="Extension.granted_at.desc(), Extension.id.desc()",
        viewonly=True,
        **LAZY,
    )


class Cohort(Base):
    __tablename__ = "cohorts_cohort"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    reviewers: Mapped[list[Membership]] = relationship(
        primaryjoin="and_(Membership.cohort_id == Cohort.id, Membership.left_at == None,"
        " Membership.role.in_(['mentor', 'operator']))",
        viewonly=True,
        **LAZY,
    )


class Week(Base):
    __tablename__ = "cohorts_week"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]


class Repository(Base):
    __tablename__ = "github_repository"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Decision(Base):
    __tablename__ = "submissions_missiondecision"
    pull_request_id: Mapped[UUID] = mapped_column(ForeignKey("github_pullrequest.id"), primary_key=True)
    rule: Mapped[str]


class TimelineEvent(Base):
    __tablename__ = "github_timelineevent"
    id: Mapped[int] = mapped_column(primary_key=True)
    pull_request_id: Mapped[UUID] = mapped_column(ForeignKey("github_pullrequest.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    sha: Mapped[str]
    before_sha: Mapped[str]
    text: Mapped[str]
    count: Mapped[int | None]


class PullRequest(Base):
    __tablename__ = "github_pullrequest"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("github_repository.id"))
    number: Mapped[int]
    url: Mapped[str]
    repository: Mapped[Repository] = relationship(**LAZY)
    decision: Mapped[Decision | None] = relationship(uselist=False, viewonly=True, **LAZY)
    events: Mapped[list[TimelineEvent]] = relationship(viewonly=True, **LAZY)


class PartDeadline(Base):
    __tablename__ = "missions_partdeadline"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("missions_mission.id"))
    part_id: Mapped[UUID]
    due_at: Mapped[datetime]


class Extension(Base):
    __tablename__ = "missions_extension"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    mission_id: Mapped[UUID]
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts_membership.id"))
    hours: Mapped[int]
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Mission(Base):
    __tablename__ = "missions_mission"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    week_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts_week.id"))
    title: Mapped[str]
    due_at: Mapped[datetime]
    week: Mapped[Week] = relationship(**LAZY)
    part_deadlines: Mapped[list[PartDeadline]] = relationship(viewonly=True, **LAZY)


class Attempt(Base):
    __tablename__ = "submissions_attempt"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submissions_submission.id"))
    number: Mapped[int]
    head_sha: Mapped[str | None]
    source: Mapped[str]
    received_at: Mapped[datetime]
    clock: Mapped[str | None]
    due_at: Mapped[datetime]
    late_seconds: Mapped[int]
    submission: Mapped[Submission] = relationship(back_populates="all_attempts", **LAZY)

    @property
    def counted_by(self) -> str | None:
        """By which clock it counts."""
        return rules.clock(self.head_sha, self.clock)

    @property
    def is_late(self) -> bool:
        """Whether it came after the deadline."""
        return self.received_at > self.submission.deadline

    @property
    def work(self) -> None:
        """None: the data has pull requests only."""


class Submission(Base):
    __tablename__ = "submissions_submission"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts_cohort.id"))
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("missions_mission.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts_membership.id"))
    pull_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("github_pullrequest.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account_mirror_accountmirror.account_id"))
    given_to_id: Mapped[UUID | None] = mapped_column(
        "mentor_id", ForeignKey("account_mirror_accountmirror.account_id")
    )
    completing_event_id: Mapped[int | None] = mapped_column(ForeignKey("github_timelineevent.id"))
    state: Mapped[str]
    points: Mapped[int | None]
    max_points: Mapped[int | None]
    released_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    attempts_count: Mapped[int]
    was_late: Mapped[bool]
    created_at: Mapped[datetime]

    cohort: Mapped[Cohort] = relationship(**LAZY)
    mission: Mapped[Mission] = relationship(**LAZY)
    membership: Mapped[Membership] = relationship(**LAZY)
    pull_request: Mapped[PullRequest | None] = relationship(**LAZY)
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id], **LAZY)
    given_to: Mapped[Account | None] = relationship(foreign_keys=[given_to_id], **LAZY)
    completing_event: Mapped[TimelineEvent | None] = relationship(**LAZY)
    all_attempts: Mapped[list[Attempt]] = relationship(
        back_populates="submission", order_by=Attempt.number, **LAZY
    )
    first_attempt: Mapped[Attempt | None] = relationship(
        primaryjoin="and_(Attempt.submission_id == Submission.id, Attempt.number == 1)",
        uselist=False,
        viewonly=True,
        **LAZY,
    )

    @property
    def handed_in_at(self) -> datetime:
        """Since when the first attempt counts."""
        return self.first_attempt.received_at if self.first_attempt else self.created_at

    @property
    def deadline(self) -> datetime:
        """The deadline that binds its member."""
        part_id = self.membership.part_id
        parts = (row.due_at for row in self.mission.part_deadlines if row.part_id == part_id)
        hours = (row.hours for row in self.membership.extensions if row.mission_id == self.mission_id)
        return rules.deadline(self.mission.due_at, next(parts, None), next(hours, None))

    @property
    def is_late(self) -> bool:
        """Whether even the first attempt came after the deadline."""
        return self.first_attempt is not None and self.first_attempt.received_at > self.deadline

    @property
    def mentor(self) -> Account | None:
        """The account that it was given to, if that reviews in the cohort now."""
        reviewers = self.cohort.reviewers
        is_reviewer = any(reviewer.account_id == self.given_to_id for reviewer in reviewers)
        return self.given_to if is_reviewer else None

    @property
    def completion(self) -> str | None:
        """What completed it."""
        event = self.completing_event
        return rules.completion(self.completed_at, event.kind if event else None)


def submissions() -> Select[tuple[Submission]]:
    """Return all submissions with what the API shows of them in a list."""
    mission = joinedload(Submission.mission)
    pull_request = joinedload(Submission.pull_request)
    return select(Submission).options(
        joinedload(Submission.cohort).selectinload(Cohort.reviewers),
        mission.joinedload(Mission.week),
        mission.selectinload(Mission.part_deadlines),
        joinedload(Submission.membership).selectinload(Membership.extensions),
        pull_request.joinedload(PullRequest.repository),
        pull_request.joinedload(PullRequest.decision),
        joinedload(Submission.account),
        joinedload(Submission.given_to),
        joinedload(Submission.completing_event),
        joinedload(Submission.first_attempt),
    )


def with_detail(rows: Select[tuple[Submission]]) -> Select[tuple[Submission]]:
    """Load the attempts and the events of the pull request, too."""
    events = joinedload(Submission.pull_request).selectinload(PullRequest.events)
    return rows.options(selectinload(Submission.all_attempts), events)
