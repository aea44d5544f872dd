"""The same jobs as Processing algorithms."""
