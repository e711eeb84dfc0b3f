"""schemathesis against one service's OpenAPI document, in-process; tools/test_api.py runs it for each."""
