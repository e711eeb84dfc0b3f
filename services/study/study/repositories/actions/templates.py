"""Create repositories from a template, one per member. Requests are sent outside of transactions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from chassis.retry import backoff
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort
from study.github.actions.polling import respect_rate_limits
from study.github.actions.repositories import resolve_repository
from study.github.client import (
    Client,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRefused,
    GitHubUnauthorized,
    GitHubUnavailable,
)
from study.github.models import Repository
from study.github.rules.payloads import RepositoryDetails
from study.memberships.queries import members_to_invite
from study.missions.actions.missions import NoSuchPart
from study.repositories.models import CreationState, RepositoryCreation, TemplateRun
from study.repositories.rules import (
    CreationError,
    InvitationRefused,
    LoginUnknown,
    MemberLeft,
    NameTaken,
    NoAnswer,
    NotATemplate,
    OwnerRefused,
    TemplateGone,
    repository_name,
)

# A worker that has held a row this long is taken for dead.
LEASE = timedelta(minutes=5)
MIN_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=1)
MAX_ATTEMPTS = 40
# Our clock and GitHub's may differ by this.
CLOCK_TOLERANCE = timedelta(minutes=5)


def check_template(*, template: str, github: Client, at: datetime) -> bool:
    """Ask GitHub for the template; return False if GitHub does not answer.

    Raises TemplateGone and NotATemplate.
    """
    try:
        with respect_rate_limits(background=False, at=at):
            found = github.get_repository(template)
    except GitHubNotFound:
        raise TemplateGone(field="template", template=template) from None
    except (GitHubRateLimited, GitHubUnavailable):
        return False
    if not found.is_template:
        raise NotATemplate(field="template", template=template)
    return True


@transaction.atomic
def start_template_run(
    *,
    pattern: Repository,
    template: str,
    prefix: str,
    part_id: UUID | None,
    is_private: bool,
    at: datetime,
) -> TemplateRun:
    """Note a repository to create for each member, of a part if given, whose GitHub login is known.

    Idempotent: the same template and prefix again add the members who have no row yet. Raises NoSuchPart.
    """
    # Locking the cohort serialises two starts.
    cohort = Cohort.objects.select_for_update().get(id=pattern.cohort_id)
    ensure_open(cohort=cohort)
    if part_id is not None and not cohort.parts.filter(id=part_id).exists():
        raise NoSuchPart(field="part_id")
    run, _is_new = TemplateRun.objects.update_or_create(
        pattern=pattern,
        template=template,
        prefix=prefix,
        defaults={"is_private": is_private},
        create_defaults={"cohort": cohort, "is_private": is_private, "created_at": at},
    )
    present = set(run.creations.values_list("member_id", flat=True))
    RepositoryCreation.objects.bulk_create(
        RepositoryCreation(
            run=run,
            member=member,
            login=member.login.lower(),
            name=repository_name(owner=run.owner, prefix=prefix, login=member.login),
            next_attempt_at=at,
        )
        for member in members_to_invite(cohort.id, part_id=part_id)
        if member.login and member.id not in present
    )
    return run


@transaction.atomic
def retry_failed(*, run: TemplateRun, at: datetime) -> int:
    """Try the failed ones of a run again, with the members' present GitHub logins; return how many."""
    ensure_open(cohort=Cohort.objects.select_for_update().get(id=run.cohort_id))
    logins = {member.id: member.login for member in members_to_invite(run.cohort_id)}
    failed = list(run.creations.select_for_update().filter(state=CreationState.FAILED).order_by("id"))
    for creation in failed:
        if login := logins.get(creation.member_id):
            creation.login = login.lower()
        if creation.repository_id is None:
            creation.name = repository_name(owner=run.owner, prefix=run.prefix, login=creation.login)
        creation.state = CreationState.CREATED if creation.repository_id else CreationState.WAITING
        creation.attempts, creation.next_attempt_at = 0, at
        creation.error_code = creation.error_message = ""
    fields = ["login", "name", "state", "attempts", "next_attempt_at", "error_code", "error_message"]
    RepositoryCreation.objects.bulk_update(failed, fields)
    return len(failed)


def create_repository(*, creation_id: int, github: Client, at: datetime) -> None:
    """Create a member's repository and invite the member. Raises GitHubRateLimited and GitHubUnavailable.

    Idempotent: an aborted attempt is repeated, and finds the repository that it created.
    """
    if not RepositoryCreation.objects.filter(id=creation_id).claim(at=at, lease=LEASE):
        return
    rows = RepositoryCreation.objects.select_related("run__pattern", "member", "repository")
    creation = rows.get(id=creation_id)
    try:
        if creation.member.left_at is not None:
            raise MemberLeft
        with respect_rate_limits(background=True, at=at):
            if creation.repository is None:
                _store_repository(creation, _generate(creation, github), at=at)
            _invite(creation, github)
    except CreationError as error:
        _fail(creation, error)
    except GitHubRateLimited as limited:
        _postpone(creation, limited.until, at=at)
        raise
    except GitHubUnauthorized:
        # No token, or one that has expired: waiting does not help.
        _fail(creation, OwnerRefused())
    except GitHubUnavailable:
        _postpone(creation, _retry_at(creation, at=at), at=at)
        if creation.attempts >= MAX_ATTEMPTS:
            _fail(creation, NoAnswer())
        raise
    else:
        _update(creation, state=CreationState.DONE, next_attempt_at=None)


def _generate(creation: RepositoryCreation, github: Client) -> RepositoryDetails:
    run = creation.run
    try:
        return github.generate_repository(run.template, creation.name, is_private=run.is_private)
    except GitHubRefused as refused:
        # 422 is the answer to a name that exists: an attempt that was aborted may have created it.
        if refused.status == 422 and (found := _find_on_github(creation.name, github)):
            if _is_ours(creation, found):
                return found
            raise NameTaken(message=refused.message) from None
        template = _find_on_github(run.template, github)
        if template is None:
            raise TemplateGone(message=refused.message) from None
        kind = OwnerRefused if template.is_template else NotATemplate
        raise kind(message=refused.message) from None
    except GitHubNotFound:
        # A redirect to another host, or too many.
        raise TemplateGone from None


def _find_on_github(name: str, github: Client) -> RepositoryDetails | None:
    try:
        return github.get_repository(name)
    except GitHubNotFound:
        return None


def _is_ours(creation: RepositoryCreation, found: RepositoryDetails) -> bool:
    """Return True if a run created it, or an operator said that it is the member's."""
    run, template = creation.run, found.template_repository
    known = Repository.objects.filter(cohort_id=run.cohort_id, github_id=found.id)
    if known.filter(member__account_id=creation.member.account_id).exists():
        return True
    is_new = found.created_at is not None and found.created_at >= run.created_at - CLOCK_TOLERANCE
    is_generated = template is not None and template.name == run.template
    return is_new and is_generated and not known.filter(member__isnull=False).exists()


@transaction.atomic
def _store_repository(creation: RepositoryCreation, found: RepositoryDetails, *, at: datetime) -> None:
    repository = resolve_repository(cohort_id=creation.run.cohort_id, data=found, as_of=at)
    if repository is None:
        raise NameTaken
    owner = repository.member
    if owner is None or owner.account_id == creation.member.account_id:
        Repository.objects.filter(id=repository.id).update(member=creation.member)
    creation.repository = repository
    _update(creation, repository=repository, name=found.name, state=CreationState.CREATED)


def _invite(creation: RepositoryCreation, github: Client) -> None:
    try:
        github.invite_collaborator(creation.name, creation.login)
    except GitHubRefused as refused:
        kind = LoginUnknown if refused.status == 404 else InvitationRefused
        raise kind(message=refused.message) from None
    except GitHubNotFound:
        raise InvitationRefused from None


def _fail(creation: RepositoryCreation, error: CreationError) -> None:
    _update(
        creation,
        state=CreationState.FAILED,
        next_attempt_at=None,
        error_code=error.code,
        error_message=error.message,
    )


def _postpone(creation: RepositoryCreation, until: datetime, *, at: datetime) -> None:
    """Try this one, and all that are due in its cohort, not before `until`."""
    _update(creation, next_attempt_at=until)
    same = RepositoryCreation.objects.filter(run__cohort_id=creation.run.cohort_id)
    RepositoryCreation.objects.filter(id__in=list(same.due(at).values_list("id", flat=True))).due(at).update(
        next_attempt_at=until
    )


def _retry_at(creation: RepositoryCreation, *, at: datetime) -> datetime:
    return at + backoff(creation.attempts, first=MIN_RETRY_DELAY, longest=MAX_RETRY_DELAY)


def _update(creation: RepositoryCreation, **values: object) -> None:
    # Unless another worker has claimed the row since, which counted an attempt.
    RepositoryCreation.objects.filter(id=creation.id, attempts=creation.attempts).update(**values)
