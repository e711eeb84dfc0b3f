"""Create, rotate and delete signing keys."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from joserfc.jwk import OKPKey

from chassis.crypto import encrypt
from chassis.settings_base import TOKEN_LIFETIME
from users.keys.models import SigningKey

# A new key is in every verifier's cache before it signs.
PUBLISH_LEAD_TIME = timedelta(minutes=70)
# A replaced key stays published until its last token has expired, with allowance for clock skew.
RETIREMENT_DELAY = TOKEN_LIFETIME + timedelta(minutes=10)


def ensure_key(*, at: datetime) -> SigningKey:
    """Return the current signing key. Creates the first key of an installation, once under concurrency.

    With two first keys, a verifier that has cached only one would refuse the other's tokens for 30 seconds.
    """
    if key := SigningKey.objects.signing(at).first():
        return key
    with transaction.atomic():
        # An empty table has no row to lock, so lock the row of its migration.
        MigrationRecorder.Migration.objects.select_for_update().get(app="keys", name="0001_initial")
        return SigningKey.objects.published(at).first() or _create(signs_from=at, at=at)


@transaction.atomic
def rotate(*, at: datetime, immediately: bool = False) -> SigningKey:
    """Create the next key and set the retirement of the previous ones. Nobody is signed out.

    `immediately` is for a leaked key: the new key signs now and the old keys are invalid from now on.
    Requests may be refused for up to 30 seconds; pages renew their tokens by themselves.
    """
    begins = at if immediately else at + PUBLISH_LEAD_TIME
    ends = at if immediately else begins + RETIREMENT_DELAY
    SigningKey.objects.select_for_update().published(at).filter(retires_at=None).update(retires_at=ends)
    if immediately:
        SigningKey.objects.published(at).update(retires_at=at)
    return _create(signs_from=begins, at=at)


@transaction.atomic
def delete_retired_keys(*, at: datetime) -> int:
    """Delete retired keys. Return how many."""
    deleted, _ = SigningKey.objects.filter(retires_at__lte=at).delete()
    return deleted


def _create(*, signs_from: datetime, at: datetime) -> SigningKey:
    pair = OKPKey.generate_key("Ed25519", private=True)
    key_id = pair.thumbprint()
    public = {**pair.as_dict(private=False), "kid": key_id, "use": "sig", "alg": "Ed25519"}
    private = json.dumps(pair.as_dict(private=True))
    return SigningKey.objects.create(
        id=key_id, public=public, private_encrypted=encrypt(private), made_at=at, signs_from=signs_from
    )
