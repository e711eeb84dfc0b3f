"""What stands in a service's database while its document is tried, one file a service."""
