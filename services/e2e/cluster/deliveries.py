"""Signed webhooks of one cohort at a steady rate, and the submissions that they should become."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import urllib3

from chassis.testing.github import signed_delivery

SECRET = "only-for-tests-0123456789"
MISSIONS, MEMBERS = 2, 30
PER_SECOND = 4
# The load ends by itself after this many seconds.
MAX_SECONDS = 600
# Creates the cohort in a web process of study, of this revision or the previous one; prints the webhook's id.
SETUP = f"""
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from chassis.crypto import encrypt
from study.cohorts.models import Cohort, Membership, Week
from study.github.models import Repository, Webhook
from study.missions.models import Mission
now = timezone.now()
cohort = Cohort.objects.create(title="Upgrade", opened_at=now)
week = Week.objects.create(cohort=cohort, number=1, starts_on=now.date())
for number in range({MISSIONS}):
    repository = Repository.objects.create(cohort=cohort, name=f"club/mission-{{number}}")
    Mission.objects.create(
        cohort=cohort, week=week, title=repository.name, github_repository=repository, created_at=now,
        opens_at=now - timedelta(days=1), due_at=now + timedelta(days=1),
    )
Membership.objects.bulk_create(
    Membership(cohort=cohort, account_id=uuid4(), role="member", joined_at=now, github_id=number + 1)
    for number in range({MEMBERS})
)
print(Webhook.objects.create(cohort=cohort, secret=encrypt({SECRET!r}), created_at=now).id)
"""
SUBMISSIONS = """
import json
from study.submissions.models import Submission
rows = Submission.objects.filter(mission__cohort__title="Upgrade").select_related("mission", "pull_request")
print(json.dumps(sorted(
    [row.mission.title, row.pull_request.number, sorted(row.attempts.values_list("head_sha", flat=True))]
    for row in rows
)))
"""


@dataclass
class PullRequest:
    """A member's pull request for a mission, and the heads that were pushed to it."""

    repository: str
    number: int
    opened_at: str = ""
    heads: list[str] = field(default_factory=list)

    def push(self) -> dict[str, Any]:
        """Return the payload of its opening, or of another push to it."""
        now, before = datetime.now(UTC).isoformat(), self.heads[-1:]
        self.opened_at = self.opened_at or now
        self.heads.append(f"{uuid.uuid4().hex}00000000")
        author = {"id": self.number, "login": f"member-{self.number}", "type": "User"}
        repository_id = 1 + int(self.repository[-1])
        base = {"id": repository_id, "full_name": self.repository}
        pushed = {"before": before[0], "after": self.heads[-1]} if before else {}
        return pushed | {
            "action": "synchronize" if before else "opened",
            "number": self.number,
            "repository": base,
            "sender": author,
            "pull_request": {
                "number": self.number,
                "id": repository_id * 1000 + self.number,
                "html_url": f"https://github.com/{self.repository}/pull/{self.number}",
                "title": "제출합니다",
                "state": "open",
                "draft": False,
                "user": author,
                "created_at": self.opened_at,
                "updated_at": now,
                "head": {"ref": author["login"], "sha": self.heads[-1], "repo": base},
                "base": {"ref": "main", "repo": base},
            },
        }


@dataclass
class Deliveries:
    """Every member opens a pull request for every mission, then pushes, while the block runs."""

    address: str
    refused: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._pull_requests = [
            PullRequest(f"club/mission-{mission}", member + 1)
            for member in range(MEMBERS)
            for mission in range(MISSIONS)
        ]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._thread.join(60)

    def redeliver(self) -> None:
        """Send again what was not answered, as a person does on GitHub's page."""
        payloads, self.refused = self.refused, []
        print(f"\n{len(payloads)} deliveries were not answered within GitHub's ten seconds")
        for payload in payloads:
            self._send(payload)

    def submissions(self) -> list[list[Any]]:
        """Return what SUBMISSIONS prints once every delivery is ingested."""
        opened = [pull_request for pull_request in self._pull_requests if pull_request.heads]
        return sorted([found.repository, found.number, sorted(found.heads)] for found in opened)

    def _run(self) -> None:
        began = time.monotonic()
        for sent in range(MAX_SECONDS * PER_SECOND):
            if self.over.wait(max(0.0, began + sent / PER_SECOND - time.monotonic())):
                return
            self._send(self._pull_requests[sent % len(self._pull_requests)].push())

    def _send(self, payload: dict[str, Any]) -> None:
        body, headers = signed_delivery("pull_request", payload, secret=SECRET)
        headers["Content-Type"] = "application/json"
        try:
            # GitHub's limit.
            answer = urllib3.request(
                "POST", self.address, body=body, headers=headers, retries=False, timeout=10
            )
        except urllib3.exceptions.HTTPError:
            self.refused.append(payload)
        else:
            if answer.status // 100 != 2:
                self.refused.append(payload)
