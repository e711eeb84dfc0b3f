"""The anticipated "no". Imports nothing of Django's web side, so that actions may raise it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Stands here and not beside the translator: REST's authentication needs it, and DRF's views need that first.
MEDIA_TYPE = "application/problem+json"


class DomainError(Exception):
    """The product says no, in words for a person and a stable code for a program.

    `field` names the input that is at fault, if one is; `details` fill the placeholders of the title, and
    `wait` among them says after how many seconds it is worth another try.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str | Promise] = _("That is not possible.")
    status: ClassVar[int] = 409

    def __init__(self, *, field: str | None = None, **details: Any) -> None:
        super().__init__(self.code)
        self.field = field
        self.details = details

    def __str__(self) -> str:
        return str(self.title) % self.details if self.details else str(self.title)


class NotFound(DomainError):
    """Not there, or not yours: the two look the same from outside."""

    code = "not_found"
    title = _("There is no such page, or it is not open to you.")
    status = 404


class NotAllowed(DomainError):
    """Known to exist by the caller, but not theirs to do."""

    code = "not_allowed"
    title = _("Your role does not allow this.")
    status = 403
