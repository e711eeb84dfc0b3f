"""A member hands in by a link: GitHub is asked at once, or, if it does not answer, as soon as it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotAllowed
from study.cohorts.actions import ensure_open
from study.cohorts.models import Membership, Role
from study.memberships.queries import owner_of_pull_request
from study.missions.models import Mission, Repository
from study.submissions import rules
from study.submissions.actions.asking import within_limits
from study.submissions.actions.settling import Taken
from study.submissions.actions.taking import take_pull
from study.submissions.github import Client, GithubBusy, GithubDown, GithubHasNot, PullFact
from study.submissions.models import PastedLink, Pull, Source

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 40


class NoPullLink(DomainError):
    code = "no_pull_link"
    title = _("This is no link to a pull request. It looks like %(example)s.")
    status = 422


class NotOpenYet(DomainError):
    code = "mission_not_open"
    title = _("This mission is not open yet.")


class OtherRepository(DomainError):
    code = "other_repository"
    title = _("This mission is handed in at %(repository)s, and the link leads elsewhere.")
    status = 422


class NoSuchPull(DomainError):
    code = "no_such_pull"
    title = _("GitHub shows no such pull request. Check the number, and that the repository is public.")
    status = 422


class OpenedByBot(DomainError):
    code = "opened_by_bot"
    title = _("A bot opened this pull request. Open one yourself and hand that in.")
    status = 422


class ClosedPull(DomainError):
    code = "closed_pull"
    title = _("This pull request is closed without merging. Reopen it on GitHub, or open a new one.")
    status = 422


class NotYours(DomainError):
    code = "not_yours"
    title = _("This pull request was opened with another member's GitHub account.")
    status = 422


class Unanswered(DomainError):
    code = "unanswered"
    title = _("GitHub did not answer for more than a day. Paste the link again.")


@dataclass(frozen=True)
class Noted:
    """GitHub did not answer: the link is kept with its time, and asked for by itself."""

    number: int


def paste_link(
    *, mission: Mission, membership: Membership, link: str, github: Client, at: datetime
) -> Taken | Noted:
    """Hand in the pull request behind a link, after asking GitHub, whose answer counts, not the link.

    No transaction is open while GitHub is asked. One by an account that we do not know waits for an
    operator, with the member's word.
    """
    if membership.role != Role.MEMBER:
        raise NotAllowed
    ensure_open(cohort=mission.cohort)
    if mission.opens_at > at:
        # Before anything below, which names the repository.
        raise NotOpenYet
    address = rules.address_of(link)
    if address is None:
        raise NoPullLink(field="link", example=f"https://github.com/{mission.repository}/pull/1")
    known = Repository.objects.filter(mission=mission).first()
    if address.repository not in {mission.repository, known.previous_name if known else ""}:
        raise OtherRepository(field="link", repository=mission.repository)
    try:
        fact = _ask(mission, address.number, github, at=at)
    except (GithubBusy, GithubDown):
        _note(mission, membership, address.number, at=at)
        return Noted(address.number)
    return _hand_in(mission, membership, fact, at=at)


def retry_link(*, link_id: UUID, github: Client, at: datetime) -> None:
    """Ask again for a link that GitHub did not answer for. GithubBusy, GithubDown to stop asking for now.

    It counts as handed in when it was pasted, unless the pull request has changed since: then nobody
    can tell which commit it was, and it counts from now. What would have been refused at once is kept
    with the reason.
    """
    link = PastedLink.objects.select_related("mission__cohort", "membership").get(id=link_id)
    try:
        fact = _ask(link.mission, link.number, github, at=at)
        since = link.pasted_at if fact.pull.updated_at <= link.pasted_at else at
        with transaction.atomic():
            _hand_in(link.mission, link.membership, fact, at=since)
            link.delete()
    except (GithubBusy, GithubDown):
        _try_later(link, at=at)
        raise
    except DomainError as error:
        _refuse(link, error.code)


def _ask(mission: Mission, number: int, github: Client, *, at: datetime) -> PullFact:
    with within_limits(background=False, at=at):
        try:
            fact, _answer = github.pull(mission.repository, number)
        except GithubHasNot:
            raise NoSuchPull(field="link") from None
    if fact is None or not _is_of(mission, fact):
        raise OtherRepository(field="link", repository=mission.repository)
    return fact


def _is_of(mission: Mission, fact: PullFact) -> bool:
    known = Repository.objects.filter(mission=mission).first()
    if known and fact.pull.repository_id:
        return fact.pull.repository_id == known.github_id
    return fact.pull.repository == mission.repository


@transaction.atomic
def _hand_in(mission: Mission, membership: Membership, fact: PullFact, *, at: datetime) -> Taken:
    author = fact.pull.author
    if author.is_bot:
        raise OpenedByBot(field="link")
    if fact.pull.state == "closed":
        raise ClosedPull(field="link")
    owner = (
        owner_of_pull_request(mission.cohort_id, github_id=author.id, login=author.login)
        if author.id
        else None
    )
    if owner and owner.id != membership.id:
        raise NotYours(field="link")
    _forget_refused(mission, membership)
    claim = None if owner else membership
    taken = take_pull(
        cohort_id=mission.cohort_id, fact=fact, source=Source.LINK, at=at, claimed_by=claim, asked=mission
    )
    if taken.pull is None:
        # The name leads to another repository by now.
        raise OtherRepository(field="link", repository=mission.repository)
    # Its reviews and checks are fetched in the background, soon.
    Pull.objects.filter(id=taken.pull.id).update(polled_at=None, etag="")
    return taken


@transaction.atomic
def _note(mission: Mission, membership: Membership, number: int, *, at: datetime) -> None:
    _forget_refused(mission, membership)
    # Pasted again, it keeps its first time.
    PastedLink.objects.get_or_create(
        mission=mission,
        membership=membership,
        number=number,
        defaults={"pasted_at": at, "next_try_at": at + FIRST_WAIT},
    )


def _try_later(link: PastedLink, *, at: datetime) -> None:
    link.tries += 1
    if link.tries >= MOST_TRIES:
        _refuse(link, Unanswered.code)
        return
    link.next_try_at = at + min(FIRST_WAIT * (1 << min(link.tries, 10)), LONGEST_WAIT)
    link.save(update_fields=["tries", "next_try_at"])


def _refuse(link: PastedLink, code: str) -> None:
    link.error = code
    link.save(update_fields=["error"])


def _forget_refused(mission: Mission, membership: Membership) -> None:
    PastedLink.objects.filter(mission=mission, membership=membership, error__isnull=False).delete()
