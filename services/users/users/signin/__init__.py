"""Sign-in, sign-up, sessions and passwords."""
