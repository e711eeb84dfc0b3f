"""Send the running demo a signed GitHub webhook of a member's pull request: `make demo-pr`.

It selects a member without a submission for an open mission, builds the delivery of a pull request opened
from a fork, signs it with the cohort's webhook secret and posts it to the gateway.
"""

# ruff: noqa: PLC0415 - Django's models can be imported only after setup

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import uuid
from typing import Any

import django
import urllib3
from demo.folders import Folders
from demo.foreground import find_processes
from demo.service import settings
from seed_data import delivery, open_pull_request


def main() -> int:
    """Send the delivery. Return 1 if no demo runs, or if every member has submitted."""
    folders = Folders.from_environment()
    environments = [process.environ() for process in find_processes(folders)]
    study = [found for found in environments if found.get("SUPERVISOR_PROCESS_NAME") == "study-web"]
    if not study:
        print("No demo is running here. Start one in another terminal: make demo")
        return 1
    os.environ |= study[0]
    os.environ |= settings("study", folders)
    django.setup()
    from chassis.crypto import decrypt
    from study.github.models import Webhook

    webhook = Webhook.objects.order_by("created_at").first()
    found = _next_submission(webhook.cohort_id) if webhook else None
    if webhook is None or found is None:
        print("Every member has submitted the open missions. To reset: stop the demo, then rm -r var")
        return 1
    who, payload = found
    body = json.dumps(payload).encode()
    signature = hmac.new(decrypt(webhook.secret).encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    address = f"{os.environ['PUBLIC_URL']}/hooks/github/{webhook.id}"
    answer = urllib3.request("POST", address, body=body, headers=headers, retries=False, timeout=15)
    print(f"{who}\n  {payload['pull_request']['html_url']}")
    print(f"  the demo answered {answer.status}: {answer.data.decode()}")
    if answer.status // 100 != 2:
        return 1
    print("  It is listed in 리뷰 배정 (operator) and in the member's submissions; mails are at /_mail/.")
    return 0


def _next_submission(cohort_id: uuid.UUID) -> tuple[str, dict[str, Any]] | None:
    """Return a text that names the member and mission, and the delivery of the pull request."""
    from django.utils import timezone

    from chassis.account_mirror.models import AccountMirror
    from study.cohorts.models import Membership, Role
    from study.missions.models import Mission

    now = timezone.now()
    linked = AccountMirror.objects.filter(github_id__isnull=False, closed=False).exclude(github_login="")
    accounts = {mirror.account_id: mirror for mirror in linked}
    members = Membership.objects.live().filter(role=Role.MEMBER, account_id__in=list(accounts))
    missions = Mission.objects.filter(cohort_id=cohort_id, opens_at__lte=now, due_at__gt=now)
    for mission in missions.order_by("due_at", "id"):
        free = members.filter(part=mission.part_id).exclude(submissions__mission=mission)
        repository, member = mission.github_repository, free.order_by("joined_at", "id").first()
        if repository and member:
            account = accounts[member.account_id]
            author = {"id": account.github_id, "login": account.github_login, "type": "User"}
            number = 1 + max([0, *repository.pull_requests.values_list("number", flat=True)])
            title = f"{mission.title} 제출합니다"
            pull_request = open_pull_request(repository.name, number, title, author, now)
            return f"{account.name}: {mission.title}", delivery("opened", pull_request, author)
    return None


if __name__ == "__main__":
    sys.exit(main())
