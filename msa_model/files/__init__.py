"""Files on disk: written whole or not at all, replaced only where they are ours, failures by name."""
