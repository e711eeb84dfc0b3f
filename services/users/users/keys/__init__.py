"""Signing keys of the tokens that every service trusts."""
