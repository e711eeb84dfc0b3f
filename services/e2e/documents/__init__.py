"""schemathesis against one service's OpenAPI document, in-process: `make test-api`."""
