"""A term of a club whose members have a repository each, delivered by GitHub's webhook."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.github.actions.webhooks import create_webhook
from study.github.models import Outcome, PullRequest, Repository
from study.submissions.models import Submission
from study.submissions.tasks import discover_new_pull_requests
from tests.conftest import OLGA
from tests.github.conftest import deliver
from tests.github.payloads import isoformat, make_mission, person, pull_request, repository
from tests.repositories.conftest import OWNER

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
TERM = NOW - 8 * WEEK
RENAMED, TRANSFERRED, LATE = 9, 10, 11


def github_account(member):
    return person(101, "ada-codes") if member == 0 else person(700 + member, f"Member-{member:02}")


def name_of(member, week):
    if member == RENAMED and week > 3:
        return f"{OWNER}/better-name"
    if member == TRANSFERRED and week > 3:
        return "their-own-account/server"
    return f"{OWNER}/member-{member}"


def opened(member, mission, at):
    """The delivery of a member's pull request for a mission, which its title names."""
    week = (at - TERM) // WEEK + 1
    payload = pull_request(
        number=mission,
        sha=f"{mission:02}{member:02}" * 10,
        repository=name_of(member, week),
        repository_id=5_000 + member,
        title=f"[{member}] {mission}차 미션 제출합니다",
        user=github_account(member),
    )
    payload["pull_request"].update(
        id=10_000 * (member + 1) + mission, created_at=isoformat(at), updated_at=isoformat(at)
    )
    return payload


def moved(action, member, at, was):
    payload = repository(action, at=0, name=name_of(member, 4), was=was)
    payload["repository"].update(id=5_000 + member, updated_at=isoformat(at))
    return payload


@pytest.fixture
def term(club, twelve, pattern):
    """Four missions, in the first, third, fifth and seventh week."""
    return [
        make_mission(
            club,
            repository=pattern.name,
            title=f"{number}차 미션",
            marker=f"{number}차",
            part=None,
            opens_at=TERM + (2 * number - 2) * WEEK,
            due_at=TERM + (2 * number - 1) * WEEK,
        )
        for number in (1, 2, 3, 4)
    ]


@pytest.fixture
def deliveries(term):
    """Everything that GitHub reports in the term, in order."""
    events = []
    for member in range(12):
        for number, mission in enumerate(term, 1):
            at = mission.opens_at + timedelta(days=4, minutes=member)
            if member == LATE:
                # Their repository is created in the fifth week, with what they had missed.
                at = max(at, TERM + 4 * WEEK + timedelta(hours=number))
            events.append((at, "pull_request", opened(member, number, at)))
    at = TERM + 3 * WEEK
    renamed = moved("renamed", RENAMED, at, f"member-{RENAMED}")
    transferred = moved("transferred", TRANSFERRED, at, OWNER)
    transferred["changes"]["repository"] = {"name": {"from": f"member-{TRANSFERRED}"}}
    created = repository("renamed", at=0, name=name_of(LATE, 5), was="")
    created["action"] = "created"
    created["repository"].update(id=5_000 + LATE, updated_at=isoformat(TERM + 4 * WEEK))
    del created["changes"]
    events += [
        (at, "repository", renamed),
        (at, "repository", transferred),
        (TERM + 4 * WEEK, "repository", created),
    ]
    return [(event, payload) for _at, event, payload in sorted(events, key=lambda event: event[0])]


@pytest.mark.parametrize("order", ["each twice", "shuffled"])
def test_twelve_members_hand_in_four_missions_from_their_own_repositories(
    order, deliveries, club, twelve, term, pattern, as_principal, github
):
    webhook = create_webhook(cohort=club.cohort, at=TERM, by=OLGA)
    expected = {Outcome.SUBMITTED, Outcome.UNCHANGED, Outcome.UPDATED, Outcome.REPOSITORY}
    if order == "each twice":
        deliveries = [delivery for delivery in deliveries for _time in range(2)]
    else:
        random.Random(12).shuffle(deliveries)
        # A name outside the organization is of no pattern, until another delivery has shown the repository.
        expected.add(Outcome.UNKNOWN_REPOSITORY)

    for event, payload in deliveries:
        answer = deliver(webhook.webhook.id, webhook.secret, event, payload)
        assert answer.json()["outcome"] in expected
        if event == "pull_request":
            about = payload["pull_request"]
            github.pulls.setdefault(about["base"]["repo"]["full_name"].lower(), []).append(about)
    github.pulls["their-own-account/server"] += github.pulls[f"{OWNER}/member-{TRANSFERRED}"]
    discover_new_pull_requests()

    submissions = Submission.objects.select_related("mission", "pull_request__repository", "membership")
    assert submissions.count() == 12 * 4
    for submission in submissions:
        assert submission.pull_request
        assert submission.mission == term[submission.pull_request.number - 1]
        assert submission.pull_request.repository.member == submission.membership
    repositories = Repository.objects.filter(pattern=pattern)
    assert set(repositories.values_list("member", flat=True)) == {member.id for member in twelve}
    assert repositories.count() == 12
    names = dict(repositories.values_list("github_id", "name"))
    assert names[5_000 + RENAMED] == f"{OWNER}/better-name"
    assert names[5_000 + TRANSFERRED] == "their-own-account/server"
    assert not PullRequest.objects.exclude(unmatched="").exists()
    page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/repositories/").content.decode()
    assert "their-own-account/server" in page
    pattern_row = re.search(r"38-lets-sopt-server/\*</code></th>(.*?)</tr>", page, re.DOTALL)
    assert pattern_row
    assert ">12<" in pattern_row[1]
