"""Mirror of the accounts of users, for services that show or address their owners."""
