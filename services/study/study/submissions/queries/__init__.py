"""Read models of submissions: lists, timelines, unmatched pull requests, pending work."""
