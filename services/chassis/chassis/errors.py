"""Domain errors. Imports nothing of Django's HTTP modules, so that actions may raise them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Here and not in problems.py, to avoid an import cycle through DRF's authentication.
MEDIA_TYPE = "application/problem+json"


def problem_document(status: int, code: str, title: str) -> dict[str, Any]:
    """Return the body of an error response, after RFC 9457."""
    return {"type": f"/problems/{code}", "code": code, "title": title, "status": status}


class DomainError(Exception):
    """An expected error, with a title for people and a stable code for programs.

    `field` names the invalid input, if any. `details` fill the placeholders of the title; `wait` among them
    is the number of seconds until a retry makes sense.
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
    """The object does not exist, or the principal must not know that it does."""

    code = "not_found"
    title = _("There is no such page, or it is not open to you.")
    status = 404


class NotAllowed(DomainError):
    """The principal may know the object, but must not do this."""

    code = "not_allowed"
    title = _("Your role does not allow this.")
    status = 403
