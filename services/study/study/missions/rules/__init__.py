"""What missions decide without a database: deadlines, safe text, repository names, sheets."""
