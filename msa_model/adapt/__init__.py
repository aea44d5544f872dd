"""A checkpoint fitted to a user's own captioned images."""
