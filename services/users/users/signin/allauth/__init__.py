"""Where allauth's flows meet ours."""
