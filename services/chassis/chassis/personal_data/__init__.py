"""Export and deletion of an account's personal data, on request of the users service.

The service names its own part by two settings: EXPORT_PERSONAL_DATA, a query of the account id that
returns JSON types, and DELETE_PERSONAL_DATA, an idempotent action with `account_id` and `at`.
"""
