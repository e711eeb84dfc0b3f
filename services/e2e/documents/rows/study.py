"""A cohort with one row of everything, and an unrelated one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from chassis.account_mirror.models import AccountMirror
from chassis.crypto import encrypt
from documents.callers import Person, create_row
from study.announcements.models import Announcement
from study.cohorts.models import Cohort, Membership, Part, Role, Team, Week
from study.github.models import (
    EventKind,
    Outcome,
    PullRequest,
    Repository,
    Source,
    TimelineEvent,
    Webhook,
    WebhookDelivery,
)
from study.installations.models import GitHubApp, Installation
from study.memberships.models import Invitation
from study.missions.models import Criterion, Extension, Level, Mission, PartDeadline
from study.repositories.models import CreationState, RepositoryCreation, TemplateRun
from study.reviews.models import Review, Score
from study.submissions.models import (
    Attempt,
    FileContent,
    State,
    Submission,
    SubmittedFile,
    SubmittedWork,
)

OLGA = UUID("00000000-0000-4000-8000-00000000016a")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
ADA = UUID("00000000-0000-4000-8000-00000000ada0")
MEI = UUID("00000000-0000-4000-8000-000000003e10")
CLARA = UUID("00000000-0000-4000-8000-0000000c1a4a")
OWNER = UUID("00000000-0000-4000-8000-00000000b055")

# The first has the most permissions.
PEOPLE = [
    Person("operator", OLGA, claims={"roles": ["cohort_creator"]}),
    Person("mentor", BORIS),
    Person("member", ADA, claims={"locale": "en", "zoneinfo": "America/New_York"}),
    Person("other cohort's member", CLARA),
    Person("owner", OWNER, claims={"roles": ["owner"]}),
    Person("reader", OLGA, claims={"scope": "read"}),
    Person("nobody", None),
]
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

KNOWN = {
    "token": "a" * 43,
    "time_zone": "Asia/Seoul",
    "url": "https://github.com/club/mission-3/pull/1",
    "repository": "club/mission-9",
    "login": "ada-codes",
    "template": "club/template",
    "prefix": "week-",
}


def fill(now: datetime) -> list[Person]:
    """Fill the empty database; return the callers."""
    names = [(OLGA, "Olga", ""), (BORIS, "Boris", "boris"), (ADA, "Ada", "ada-codes"), (MEI, "Mei", "mei")]
    for number, (account_id, name, login) in enumerate(names):
        create_row(
            AccountMirror,
            account_id=account_id,
            name=name,
            github_id=100 + number,
            github_login=login,
            version=1,
        )
    began = now - timedelta(days=30)
    cohort = create_row(Cohort, title="16기", opened_at=began)
    other = create_row(Cohort, title="다른 동아리", opened_at=began)
    create_row(Membership, cohort=other, account_id=CLARA, role=Role.OPERATOR, joined_at=began)
    backend, frontend = (
        create_row(Part, cohort=cohort, name=name, position=position)
        for position, name in enumerate(["백엔드", "프론트엔드"], 1)
    )
    team = create_row(Team, cohort=cohort, name="1조")
    create_row(Team, cohort=cohort, name="2조")
    weeks = [
        create_row(Week, cohort=cohort, number=n, starts_on=(began + timedelta(weeks=n)).date())
        for n in range(1, 9)
    ]
    create_row(Membership, cohort=cohort, account_id=OLGA, role=Role.OPERATOR, joined_at=began)
    create_row(Membership, cohort=cohort, account_id=BORIS, role=Role.MENTOR, part=backend, joined_at=began)
    ada, mei = (
        create_row(
            Membership,
            cohort=cohort,
            account_id=account_id,
            role=Role.MEMBER,
            part=backend,
            team=team,
            joined_at=began,
            github_login=login,
        )
        for account_id, login in [(ADA, "ada-codes"), (MEI, "mei")]
    )
    for token, role, part in [("a" * 43, Role.MEMBER, frontend), ("b" * 43, Role.MENTOR, None)]:
        create_row(
            Invitation,
            cohort=cohort,
            token=token,
            role=role,
            part=part,
            expires_at=now + timedelta(days=300),
            max_uses=20,
            created_by=OLGA,
            created_at=began,
        )
    _webhook(cohort, now)
    _github_app(now)
    _personal_repository(cohort, ada, now)
    _work(_mission(weeks[5], backend, ada, now)[0], ada, now)
    # A mission without submissions, which may be deleted.
    _mission(weeks[4], backend, ada, now)
    for membership, week in [(ada, weeks[2]), (mei, weeks[3])]:
        mission, best = _mission(week, backend, membership, now)
        _submission(mission, best, membership, now)
    for part, withdrawn_at in [(None, None), (backend, now)]:
        create_row(
            Announcement,
            cohort=cohort,
            part=part,
            title="이번 주 안내",
            body="**저녁 7시**에 만나요.",
            author_id=OLGA,
            published_at=began,
            withdrawn_at=withdrawn_at,
        )
    return PEOPLE


def _webhook(cohort: Cohort, now: datetime) -> None:
    webhook = create_row(Webhook, cohort=cohort, secret=encrypt("a-secret"), created_at=now)
    create_row(
        WebhookDelivery,
        webhook=webhook,
        delivery_id="0b989ba4",
        event_type="ping",
        outcome=Outcome.PING,
        received_at=now,
    )


def _github_app(now: datetime) -> None:
    create_row(
        GitHubApp,
        app_id=4711,
        name="Seodang club",
        html_url="https://github.com/apps/seodang-club",
        private_key=encrypt("a-key"),
        created_at=now,
        created_by=OWNER,
        client_changed_at=now,
    )
    create_row(Installation, id=77, account_login="club", has_all_repositories=True, github_updated_at=now)


def _personal_repository(cohort: Cohort, member: Membership, now: datetime) -> None:
    pattern = create_row(Repository, cohort=cohort, name="club/*")
    repository = create_row(
        Repository, cohort=cohort, name="club/ada-codes", github_id=5001, named_at=now, pattern=pattern
    )
    run = create_row(
        TemplateRun, cohort=cohort, pattern=pattern, template="club/template", is_private=True, created_at=now
    )
    create_row(
        RepositoryCreation,
        run=run,
        member=member,
        login="ada-codes",
        name=repository.name,
        repository=repository,
        state=CreationState.FAILED,
        error_code="invitation_refused",
    )


def _mission(
    week: Week, part: Part, membership: Membership, now: datetime
) -> tuple[Mission, list[tuple[Criterion, Level]]]:
    mission = create_row(
        Mission,
        cohort=week.cohort,
        part=None,
        week=week,
        title=f"미션 {week.number}",
        body="# 할 일\n\n- 하나",
        github_repository=create_row(Repository, cohort=week.cohort, name=f"club/mission-{week.number}"),
        accepts_text=True,
        accepts_link=True,
        accepts_file=True,
        opens_at=now - timedelta(days=7),
        due_at=now + timedelta(days=week.number),
        created_at=now - timedelta(days=8),
    )
    best = []
    for position, title in enumerate(["읽기 쉬움", "테스트"], 1):
        criterion = create_row(Criterion, mission=mission, position=position, title=title)
        levels = [
            create_row(Level, criterion=criterion, points=points, label=f"{points}점") for points in range(4)
        ]
        best.append((criterion, levels[-1]))
    create_row(PartDeadline, mission=mission, part=part, due_at=mission.due_at + timedelta(days=1))
    create_row(
        Extension,
        mission=mission,
        membership=membership,
        hours=24,
        reason="병결",
        granted_by=OLGA,
        granted_at=now - timedelta(days=1),
    )
    return mission, best


def _work(mission: Mission, membership: Membership, now: datetime) -> None:
    submission = create_row(
        Submission,
        mission=mission,
        membership=membership,
        account_id=membership.account_id,
        waiting_since=now,
        attempts_count=1,
        created_at=now,
    )
    attempt = create_row(
        Attempt,
        submission=submission,
        number=1,
        source=Source.DIRECT,
        received_at=now,
        due_at=mission.due_at,
    )
    work = create_row(SubmittedWork, attempt=attempt, text="**기획**", link="https://club.example/board")
    file = create_row(
        SubmittedFile, work=work, position=1, name="기획.txt", content_type="text/plain", size=6
    )
    create_row(FileContent, file=file, position=1, content="기획".encode())


def _submission(
    mission: Mission, best: list[tuple[Criterion, Level]], membership: Membership, now: datetime
) -> None:
    pull_request, _unmatched = (
        create_row(
            PullRequest,
            repository=mission.github_repository,
            cohort=mission.cohort,
            number=number,
            github_id=mission.week.number * 100 + number,
            title="과제 제출",
            url=f"https://github.com/{mission.repository}/pull/{number}",
            author_id=900 + number,
            author_login=f"author-{number}",
            head_sha=SHA,
            state="open",
            opened_at=now - timedelta(hours=number),
            github_updated_at=now - timedelta(hours=number),
            member=member,
            unmatched="" if member else Outcome.UNKNOWN_PERSON,
        )
        for number, member in [(1, membership), (2, None)]
    )
    submission = create_row(
        Submission,
        mission=mission,
        membership=membership,
        pull_request=pull_request,
        account_id=membership.account_id,
        mentor_id=BORIS,
        state=State.WAITING,
        waiting_since=now - timedelta(hours=1),
        attempts_count=1,
        created_at=now - timedelta(hours=1),
    )
    attempt = create_row(
        Attempt,
        submission=submission,
        number=1,
        head_sha=SHA,
        source=Source.WEBHOOK,
        received_at=now - timedelta(hours=1),
        due_at=mission.due_at,
    )
    create_row(
        TimelineEvent,
        pull_request=pull_request,
        kind=EventKind.OPENED,
        at=now - timedelta(hours=1),
        actor="author-1",
        sha=SHA,
        key="opened",
        reviewable_at=now,
    )
    for version, released_at in [(1, now - timedelta(minutes=30)), (2, None)]:
        review = create_row(
            Review,
            submission=submission,
            attempt=attempt,
            mentor_id=BORIS,
            version=version,
            comment="좋아요",
            points=6,
            max_points=6,
            created_at=now - timedelta(minutes=40),
            saved_at=now - timedelta(minutes=35),
            released_at=released_at,
        )
        for criterion, level in best:
            create_row(Score, review=review, criterion=criterion, level=level)
