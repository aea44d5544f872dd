"""The plugin's side of the worker process."""
