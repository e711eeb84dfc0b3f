"""Letters are written with the change that they report, and sent afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from chassis.crypto import decrypt, encrypt
from users.letters.models import Letter

log = structlog.get_logger()

# Whoever has held a letter this long is taken for dead.
HELD_FOR = timedelta(minutes=1)
# After the last try, about a day after the first, the letter is given up.
TRIES = 10

Post = Callable[..., None]


@transaction.atomic
def write(*, to: str, subject: str, text: str, html: str, at: datetime) -> uuid.UUID:
    """Put a letter in the tray."""
    letter = Letter.objects.create(
        to=to,
        subject=subject[:200],
        text_encrypted=encrypt(text),
        html_encrypted=encrypt(html),
        written_at=at,
        due_at=at,
    )
    return letter.id


def send(*, letter_id: uuid.UUID, at: datetime, post: Post) -> None:
    """Send one letter, unless another has it in hand. `post(to=, subject=, text=, html=)` fails by OSError.

    A crash between posting and forgetting sends the letter twice: better than never.
    """
    if not Letter.objects.due(at).filter(id=letter_id).update(due_at=at + HELD_FOR, tries=F("tries") + 1):
        return
    letter = Letter.objects.get(id=letter_id)
    try:
        post(
            to=letter.to,
            subject=letter.subject,
            text=decrypt(letter.text_encrypted),
            html=decrypt(letter.html_encrypted),
        )
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - also one that cannot be decrypted: it is given up after its tries
        _put_back(letter, at=at, error=error)
    else:
        Letter.objects.filter(id=letter_id).delete()


def _put_back(letter: Letter, *, at: datetime, error: Exception) -> None:
    if letter.tries >= TRIES:
        log.error("letter_given_up", letter_id=str(letter.id), error=str(error))
        Letter.objects.filter(id=letter.id).delete()
        return
    log.warning("letter_not_sent", letter_id=str(letter.id), tries=letter.tries, error=str(error))
    # 1, 2, 4 … 256 minutes.
    Letter.objects.filter(id=letter.id).update(due_at=at + timedelta(minutes=1 << (letter.tries - 1)))
