"""A club made from a history: cohorts, members, missions of one repository, and its webhooks."""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.test import Client
from replay.history import PullRequest, missions_of

from chassis.account_mirror.models import AccountMirror
from chassis.testing.github import signed_delivery
from study.cohorts.models import Cohort, Membership, Role, Week
from study.github.actions.ingest import ingest_pull_request
from study.github.actions.webhooks import create_webhook
from study.github.models import UNMATCHED, Repository, Source, WebhookDelivery
from study.github.models import PullRequest as PullRequestRow
from study.github.rules.parsing import parse_event
from study.github.rules.payloads import PullRequestEvent
from study.missions.models import Mission
from study.submissions.models import Submission

REPOSITORY_ID = 900_001
Key = tuple[str, str]


def number_of(name: str) -> int:
    """Return a stable GitHub id for a pseudonym."""
    return zlib.crc32(name.encode())


def sha_of(number: int) -> str:
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()


class Club:
    """The cohorts of a history. Authors are members where they have a labelled pull request."""

    def __init__(self, history: list[PullRequest], *, has_markers: bool, repository: str) -> None:
        self.history, self.has_markers, self.repository = history, has_markers, repository
        self.secrets: dict[uuid.UUID, tuple[uuid.UUID, str]] = {}
        self.cohorts: dict[str, Cohort] = {}
        self.labels: dict[uuid.UUID, Key] = {}

    @transaction.atomic
    def create(self) -> None:
        """Create everything but the pull requests."""
        missions = missions_of(self.history)
        for name in dict.fromkeys(mission.cohort for mission in missions):
            theirs = [mission for mission in missions if mission.cohort == name]
            cohort = Cohort.objects.create(title=name or "club", opened_at=theirs[0].opens_at)
            week = Week.objects.create(cohort=cohort, number=1, starts_on=theirs[0].opens_at.date())
            repository = Repository.objects.create(
                cohort=cohort, name=self.repository, github_id=REPOSITORY_ID, named_at=theirs[0].opens_at
            )
            for mission in theirs:
                row = Mission.objects.create(
                    cohort=cohort,
                    week=week,
                    title=mission.title,
                    marker=mission.title if self.has_markers else "",
                    github_repository=repository,
                    opens_at=mission.opens_at,
                    due_at=mission.due_at,
                    created_at=theirs[0].opens_at,
                )
                self.labels[row.id] = (name, mission.title)
            created = create_webhook(cohort=cohort, by=uuid.uuid4(), at=theirs[0].opens_at)
            self.secrets[cohort.id] = (created.webhook.id, created.secret)
            self.cohorts[name] = cohort
        accounts = {author: uuid.uuid4() for author in {found.author for found in self.history}}
        for author, account_id in accounts.items():
            AccountMirror.objects.create(
                account_id=account_id,
                name=author,
                github_id=number_of(author),
                github_login=author,
                version=1,
            )
        members = {(found.cohort, found.author) for found in self.history if found.mission}
        for name, author in sorted(members):
            cohort = self.cohorts[name]
            Membership.objects.create(
                cohort=cohort, account_id=accounts[author], role=Role.MEMBER, joined_at=cohort.opened_at
            )

    def deliver_all(self) -> None:
        """Deliver every pull request to every cohort's webhook, oldest first. Exit if one is refused."""
        client = Client(SERVER_NAME="localhost")
        for payload in self._payloads():
            for webhook_id, secret in self.secrets.values():
                body, headers = signed_delivery("pull_request", payload, secret=secret)
                url = f"/hooks/github/{webhook_id}"
                answer = client.post(url, body, content_type="application/json", headers=headers)
                if answer.status_code >= 300:
                    raise SystemExit(f"#{payload['number']}: {answer.status_code} {answer.content[:200]!r}")

    def forget(self) -> None:
        """Delete the pull requests and what came of them."""
        Submission.objects.all().delete()
        PullRequestRow.objects.all().delete()
        WebhookDelivery.objects.all().delete()

    @transaction.atomic
    def ingest_all(self, random: Random) -> None:
        """Ingest the same events in a random order, in one transaction: deliveries show what commits."""
        payloads = list(self._payloads())
        random.shuffle(payloads)
        for payload in payloads:
            _action, event = parse_event("pull_request", json.dumps(payload))
            assert isinstance(event, PullRequestEvent)
            at = event.pull_request.updated_at
            for cohort in self.cohorts.values():
                ingest_pull_request(cohort_id=cohort.id, event=event, source=Source.WEBHOOK, at=at)

    def _payloads(self) -> Iterator[dict[str, Any]]:
        """Yield the deliveries: opened, the last push, closed."""
        events = []
        for found in self.history:
            events.append((found.opened_at, found.number, "opened", found))
            events.append((found.opened_at, found.number, "synchronize", found))
            if found.merged_at:
                events.append((found.merged_at, found.number, "closed", found))
        for at, _number, action, found in sorted(events, key=lambda event: event[:2]):
            yield _payload(found, action, at, self.repository)

    def end(self) -> dict[int, tuple[tuple[Any, ...], ...]]:
        """Return where each pull request ended: the mission's label, why it waits, its states."""
        rows: defaultdict[int, list[PullRequestRow]] = defaultdict(list)
        for row in PullRequestRow.objects.select_related("decision").order_by("number", "cohort__title"):
            rows[row.number].append(row)
        submissions = dict(Submission.objects.values_list("pull_request_id", "state"))
        return {number: tuple(self._end(found, submissions)) for number, found in rows.items()}

    def _end(
        self, rows: list[PullRequestRow], submissions: dict[uuid.UUID, str]
    ) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            decision = getattr(row, "decision", None)
            mission = self.labels.get(decision.mission_id) if decision and decision.mission_id else None
            yield (row.cohort_id, mission, row.unmatched, row.state, submissions.get(row.id))

    def counts(self) -> dict[str, int]:
        """Return how many were assigned, are to decide, wrong, and no submissions."""
        counted: Counter[str] = Counter(assigned=0, to_decide=0, wrong=0, not_submissions=0)
        for _found, place, is_wrong in self._places():
            counted[place] += 1
            counted["wrong"] += is_wrong
        return dict(counted)

    def report(self) -> Iterator[str]:
        """Yield a line for each pull request that is not simply assigned as labelled."""
        for found, place, is_wrong in self._places():
            label = f"{found.cohort}/{found.mission}" if found.mission else "no label"
            if place != "assigned" or is_wrong or not found.mission:
                wrong = " WRONG" if is_wrong else ""
                yield f"#{found.number} {place}{wrong}: {found.title!r} {found.head_ref} ({label})"

    def _places(self) -> Iterator[tuple[PullRequest, str, bool]]:
        end = self.end()
        for found in self.history:
            assigned = {mission for _cohort, mission, *_rest in end[found.number] if mission}
            waits = any(unmatched in UNMATCHED for _cohort, _mission, unmatched, *_rest in end[found.number])
            place = "assigned" if assigned else "to_decide" if waits else "not_submissions"
            is_wrong = bool(found.mission and assigned) and assigned != {(found.cohort, found.mission)}
            yield found, place, is_wrong


def _payload(found: PullRequest, action: str, at: datetime, repository: str) -> dict[str, Any]:
    def time(value: datetime | None) -> str | None:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None

    author = {"id": number_of(found.author), "login": found.author, "type": "User"}
    repo = {"id": REPOSITORY_ID, "full_name": repository}
    is_closed = action == "closed"
    return {
        "action": action,
        "number": found.number,
        "before": sha_of(-found.number) if action == "synchronize" else None,
        "repository": repo,
        "sender": author,
        "pull_request": {
            "id": 10_000_000 + found.number,
            "number": found.number,
            "html_url": f"https://github.com/{repository}/pull/{found.number}",
            "state": "closed" if is_closed else "open",
            "title": found.title,
            "user": author,
            "head": {
                "sha": sha_of(-found.number if action == "opened" else found.number),
                "ref": found.head_ref,
                "repo": repo,
            },
            "base": {"ref": found.base_ref, "repo": repo},
            "created_at": time(found.opened_at),
            "updated_at": time(at + timedelta(seconds=1) if action == "synchronize" else at),
            "closed_at": time(at) if is_closed else None,
            "merged_at": time(at) if is_closed else None,
            "draft": False,
        },
    }
