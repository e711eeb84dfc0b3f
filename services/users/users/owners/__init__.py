"""Owners of the installation: set-up, accounts and health."""
