"""Django's MySQL backend, encrypted as DATABASE_SSL_MODE says."""
