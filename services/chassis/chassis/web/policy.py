"""The Content-Security-Policy header."""

from __future__ import annotations

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which writes the header anew only where a view changes the policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_plain = self.get_policy_parts(request, response) == PolicyParts()
        if is_plain and not getattr(response, "_csp_exempt", False):
            response.headers.setdefault(HEADER, self.policy)
            return response
        return super().process_response(request, response)

    @cached_property
    def policy(self) -> str:
        """The policy of the settings."""
        return build_policy()
