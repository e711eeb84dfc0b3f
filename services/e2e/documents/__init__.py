"""schemathesis against one service's OpenAPI document, in-process; see tools/test_api.py."""
