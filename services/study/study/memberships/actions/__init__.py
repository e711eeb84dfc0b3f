"""Actions on memberships and invitations."""
