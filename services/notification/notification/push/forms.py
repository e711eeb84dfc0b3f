"""Forms of a browser's subscription, which scripts fill in."""

from __future__ import annotations

from django import forms

from notification.outgoing.client import MAX_URL_LENGTH


class SubscriptionForm(forms.Form):
    endpoint = forms.CharField(max_length=MAX_URL_LENGTH, widget=forms.HiddenInput)
    p256dh = forms.CharField(max_length=100, widget=forms.HiddenInput)
    auth = forms.CharField(max_length=40, widget=forms.HiddenInput)


class RenewalForm(SubscriptionForm):
    """Another subscription of a browser, with the former one's endpoint and secret."""

    old_endpoint = forms.CharField(max_length=MAX_URL_LENGTH)
    old_auth = forms.CharField(max_length=40)
