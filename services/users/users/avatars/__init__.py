"""Avatars of people, copied from GitHub and served from here."""
