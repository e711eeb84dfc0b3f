"""Store a club whose App is connected, in study's database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from processes.club import MEMBERS, OPERATOR
from processes.github import CLUB


def prepare(private_key: str) -> dict[str, str]:
    """Store it; return the ids of the cohort, its missions, and the pattern of its personal repositories."""
    from django.utils import timezone

    from chassis.account_mirror.models import AccountMirror
    from chassis.testing.github import APP_ID, CLIENT_ID, CLIENT_SECRET, WEBHOOK_SECRET
    from study.cohorts.models import Cohort, Membership, Part, Role, Week
    from study.github.models import Repository
    from study.installations.actions.app import create_app
    from study.installations.rules.payloads import Conversion
    from study.missions.models import Mission

    now = timezone.now()
    conversion = Conversion(
        id=APP_ID,
        name="Seodang",
        html_url="https://github.com/apps/seodang",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        pem=private_key,
        webhook_secret=WEBHOOK_SECRET,
    )
    create_app(conversion=conversion, by=uuid4(), at=now)
    cohort = Cohort.objects.create(title="16기", opened_at=now - timedelta(days=30))
    part = Part.objects.create(cohort=cohort, name="백엔드", position=1)
    week = Week.objects.create(cohort=cohort, number=1, starts_on=(now - timedelta(days=7)).date())
    AccountMirror.objects.create(
        account_id=OPERATOR, name="Olga", github_id=500, github_login="olga", version=1
    )
    Membership.objects.create(cohort=cohort, account_id=OPERATOR, role=Role.OPERATOR, joined_at=now)
    for number in MEMBERS:
        account_id = UUID(int=number)
        AccountMirror.objects.create(
            account_id=account_id,
            name=f"멤버 {number}",
            github_id=500 + number,
            github_login=f"member-{number}",
            version=1,
        )
        Membership.objects.create(
            cohort=cohort, account_id=account_id, role=Role.MEMBER, part=part, joined_at=cohort.opened_at
        )
    made = {"cohort": cohort.id}
    for title in ("week-1", "week-2"):
        repository = Repository.objects.create(cohort=cohort, name=f"{CLUB}/{title}")
        mission = Mission.objects.create(
            cohort=cohort,
            part=part,
            week=week,
            title=title,
            github_repository=repository,
            opens_at=now - timedelta(days=7),
            due_at=now + timedelta(days=1),
            created_at=now - timedelta(days=8),
        )
        made[title] = mission.id
    made["pattern"] = Repository.objects.create(cohort=cohort, name=f"{CLUB}/own-*").id
    return {name: str(id_) for name, id_ in made.items()}
