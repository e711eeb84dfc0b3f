"""Form of a new token."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chassis.names import check_name
from users.tokens.rules import LIFETIME_DAYS, READ, READ_WRITE


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        label=_("Name"),
        help_text=_("What uses it, such as “attendance bot”."),
        validators=[check_name],
    )
    scope = forms.ChoiceField(
        choices=[(READ, _("Read only")), (READ_WRITE, _("Read and write"))],
        label=_("Allowed to"),
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        # Formatting a lazy text evaluates it, so the choices are built per request.
        choices=lambda: [(days, ngettext("%d day", "%d days", days) % days) for days in LIFETIME_DAYS],
        coerce=int,
        initial=90,
        label=_("Ends after"),
    )
