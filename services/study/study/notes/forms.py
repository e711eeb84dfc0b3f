"""The shape of a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from study.notes.models import MAX_NOTE_LENGTH


class NoteForm(forms.Form):
    """What an organizer writes about a member."""

    body = forms.CharField(
        label=_("Note"),
        help_text=_(
            "Markdown. Only organizers of this cohort see it here. It is the member's personal data: they "
            "get its text when they download their data."
        ),
        max_length=MAX_NOTE_LENGTH,
        error_messages={"required": _("Write a note.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
