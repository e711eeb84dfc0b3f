from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from study.cohorts.models import Membership, Role
from study.memberships.actions.invitations import create_invitation
from study.memberships.models import JoinRequest, MembershipUpdate
from tests.authorization import Row, cohort_members, operators, signed_in
from tests.conftest import CLARA, CONSENT, OLGA, STRANGER

LINK = {"role": "member", "expires_at": "2099-01-01T00:00:00Z", "max_uses": 3}
LOGIN = {"login": "new-login"}
ROWS = {
    "list_members": cohort_members(200),
    "update_members": operators(200, {"membership_ids": ["{membership_id}"], "role": "mentor"}),
    "undo_members_update": operators(200),
    "get_member": operators(200),
    "update_member": operators(200, {"role": "mentor", "part_id": None, "team_id": None}),
    "remove_member": operators(204),
    "set_github_login": operators(200, LOGIN),
    "confirm_claim": operators(200, {"login": "claimed"}),
    "get_my_membership": cohort_members(200),
    # The last operator cannot leave.
    "leave_cohort": Row((401, 404, 204, 204, 409, 404)),
    # Ada and Boris have linked GitHub accounts, which take precedence over claims.
    "claim_github": Row((401, 404, 409, 409, 200, 404), LOGIN),
    "list_invitations": operators(200),
    "create_invitation": operators(201, LINK),
    "invite_person": operators(201, {"account_id": "{known_id}", "role": "member"}),
    "get_invitation": operators(200),
    "withdraw_invitation": operators(204),
    # A link for many was not mailed.
    "resend_invitation": operators(409),
    # Every user with the link may see the preview, and non-members may join.
    "get_invitation_preview": Row((401, 200, 200, 200, 200, 200)),
    "join": Row((401, 201, 409, 409, 409, 201), CONSENT),
    "list_join_requests": operators(200),
    "decide_join_requests": operators(200, {"request_ids": ["{decided_id}"], "approve": True}),
    # A request is its applicant's alone, here Clara's.
    "list_my_join_requests": signed_in(200),
    "get_my_join_request": Row((401, 200, 404, 404, 404, 404)),
    "withdraw_join_request": Row((401, 204, 404, 404, 404, 404)),
    "get_consent": cohort_members(200),
    "give_consent": cohort_members(200, {"version": CONSENT["consent_version"]}),
}
# Statuses for a former operator who saw the link, where they differ from other accounts.
FORMER_OPERATOR = {"join": 409, "get_my_join_request": 404, "withdraw_join_request": 404}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    now = timezone.now()
    known, new = uuid4(), uuid4()
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=now)
    Membership.objects.create(cohort=club.other, account_id=known, role=Role.MEMBER, joined_at=now)
    newcomer = Membership.objects.create(
        cohort=club.cohort,
        account_id=new,
        role=Role.MEMBER,
        joined_at=now,
        github_claim="claimed",
    )
    link = create_invitation(
        cohort=club.cohort,
        role=Role.OPERATOR,
        part_id=None,
        expires_at=now + timedelta(days=1),
        max_uses=5,
        by=OLGA,
        at=now,
    )
    asked = {"cohort": club.cohort, "role": Role.MEMBER, "created_at": now, "consent_given_at": now}
    asked |= CONSENT
    update = MembershipUpdate.objects.create(
        update_id=uuid4(),
        membership=newcomer,
        before={"part_id": None},
        after={"part_id": None},
        at=now,
    )
    own = JoinRequest.objects.create(account_id=CLARA, **asked)
    other = JoinRequest.objects.create(account_id=STRANGER, **asked)
    return {
        "request_id": own.id,
        "decided_id": other.id,
        "cohort_id": club.cohort.id,
        "membership_id": newcomer.id,
        "invitation_id": link.id,
        "token": link.token,
        "known_id": known,
        "update_id": update.update_id,
    }
