"""Write operations on webhooks, repositories and pull requests."""
