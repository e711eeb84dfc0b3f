"""Pure functions: the history of pull requests, the status of a submission, links to pull requests."""
