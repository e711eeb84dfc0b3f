"""Forms to ask for more time, and to decide requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from study.cohorts.forms import IdsField
from study.missions.forms.deadlines import REASON_LENGTH, validate_year
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS

REQUEST_LENGTH = 500
# A page of open requests.
MAX_REQUESTS_AT_ONCE = 100


class ExtensionRequestForm(forms.Form):
    """A member's request."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Only the organizers read it. Leave out what they need not know, such as a diagnosis."),
        max_length=REQUEST_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say why you need more time.")},
    )
    asked_until = forms.DateTimeField(
        label=_("Until when"),
        help_text=_("In your time zone. Leave it empty to let the organizers decide."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )


class DecisionForm(forms.Form):
    """What operators decide about several requests: the button `decision` says which."""

    request_ids = IdsField(
        label=_("Requests"),
        most=MAX_REQUESTS_AT_ONCE,
        error_messages={"required": _("Choose the requests.")},
    )
    hours = forms.IntegerField(
        label=_("Hours"),
        help_text=_("From each one's deadline without an earlier extension. A day has 24."),
        min_value=1,
        max_value=MAX_EXTENSION_HOURS,
        required=False,
    )
    until = forms.DateTimeField(
        label=_("Or until"),
        help_text=_("In your time zone. With neither, each gets the time that they asked for."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )
    answer = forms.CharField(
        label=_("Your answer"),
        help_text=_("For the members. When you grant, mentors see it too, as the reason of the extension."),
        max_length=REASON_LENGTH,
        required=False,
    )
    decision = forms.ChoiceField(
        choices=[("grant", _("Grant")), ("decline", _("Decline"))],
        error_messages={"required": _("Choose whether to grant or to decline.")},
    )

    def clean(self) -> dict[str, Any]:
        """Turn the decision into `granted`; allow hours or an instant, not both."""
        cleaned = self.cleaned_data
        cleaned["granted"] = cleaned.pop("decision", "") == "grant"
        if cleaned["granted"] and cleaned.get("hours") is not None and cleaned.get("until") is not None:
            self.add_error("hours", _("Give hours or an instant, one of them."))
        return cleaned
