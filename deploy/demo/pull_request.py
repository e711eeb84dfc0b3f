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
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from demo.folders import Folders


def main() -> int:
    """Send the delivery. Return 1 if no demo runs, or if every member has submitted."""
    folders = Folders.from_environment()
    try:
        status = json.loads((folders.run / "status.json").read_text(encoding="utf-8"))
        url: str = status["url"]
    except (OSError, ValueError, KeyError):
        print("No demo is running here. Start one in another terminal: make demo")
        return 1
    found = _next_submission(folders, url)
    if found is None:
        print("Every member has submitted the open missions. To reset: stop the demo, then rm -r var")
        return 1
    hook_id, secret, body, who = found
    return _post(f"{url}/hooks/github/{hook_id}", secret, body, who)


def _next_submission(folders: Folders, url: str) -> tuple[str, str, dict[str, Any], str] | None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "study.settings",
        "DATABASE_PATH": str(folders.database("study")),
        "SECRET_KEY_FILE": str(folders.secrets / "study-secret-key"),
        "FIELD_KEY_FILE": str(folders.secrets / "study-field-key"),
        "SERVICE_SECRET_FILE": str(folders.secrets / "study-service-secret"),
        # This script calls no other service.
        **dict.fromkeys(("USERS_URL", "BROKER_URL"), "http://127.0.0.1:1"),
        "PUBLIC_URL": url,
    }
    import django

    django.setup()
    from django.db.models import F
    from django.utils import timezone

    from chassis.account_mirror.models import AccountMirror
    from chassis.crypto import decrypt
    from study.cohorts.models import Membership, Role
    from study.github.models import Hook
    from study.missions.models import Mission

    now = timezone.now()
    hook = Hook.objects.order_by("created_at").first()
    if hook is None:
        return None
    accounts = {
        mirror.account_id: mirror
        for mirror in AccountMirror.objects.filter(github_id__isnull=False, closed=False).exclude(
            github_login=""
        )
    }
    members = Membership.objects.live().filter(
        cohort_id=hook.cohort_id, role=Role.MEMBER, account_id__in=list(accounts)
    )
    open_missions = Mission.objects.filter(cohort_id=hook.cohort_id, opens_at__lte=now, due_at__gt=now)
    for mission in open_missions.select_related("part").order_by(F("due_at"), "id"):
        free = members.filter(part=mission.part).exclude(submissions__mission=mission)
        for member in free.order_by("joined_at", "id"):
            author = accounts[member.account_id]
            number = 1 + max([0, *mission.pull_requests.values_list("number", flat=True)])
            body = _payload(
                mission.repository, number, author.github_id or 0, author.github_login, mission.title
            )
            return str(hook.id), decrypt(hook.secret), body, f"{author.name}: {mission.title}"
    return None


def _payload(repository: str, number: int, author_id: int, login: str, title: str) -> dict[str, Any]:
    author = {"id": author_id, "login": login, "type": "User"}
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fork = f"{login}/{repository.partition('/')[2]}"
    base = {"id": zlib.crc32(repository.encode()), "full_name": repository}
    return {
        "action": "opened",
        "number": number,
        "repository": base,
        "sender": author,
        "pull_request": {
            "number": number,
            "id": uuid.uuid4().int % 10**9,
            "html_url": f"https://github.com/{repository}/pull/{number}",
            "title": f"{title} 제출합니다",
            "state": "open",
            "draft": False,
            "user": author,
            "created_at": at,
            "updated_at": at,
            "closed_at": None,
            "merged_at": None,
            "merge_commit_sha": None,
            "merged_by": None,
            "requested_reviewers": [],
            "requested_teams": [],
            "head": {"ref": login, "sha": hashlib.sha1(at.encode()).hexdigest(), "repo": {"full_name": fork}},  # noqa: S324
            "base": {"ref": login, "repo": base},
        },
    }


def _post(address: str, secret: str, body: dict[str, Any], who: str) -> int:
    import urllib3

    raw = json.dumps(body).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
    }
    answer = urllib3.request("POST", address, body=raw, headers=headers, retries=False, timeout=15)
    print(f"{who}\n  {body['pull_request']['html_url']}")
    print(f"  the demo answered {answer.status}: {answer.data.decode()}")
    if answer.status // 100 != 2:
        return 1
    print("  It is listed in 리뷰 배정 (operator) and in the member's submissions; mails are at /_mail/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
