"""Pages of sign-in, sessions and passwords."""
