"""What a user asks for, as generators of progress: plan, scan, search, describe."""
