"""Operations of the GitHub App and of its installations."""
