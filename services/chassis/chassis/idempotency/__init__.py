"""Makes a form or an API call that is sent twice take effect once."""
