"""The pages of coming in, staying and leaving."""
