"""The index files on this machine: what there is, and what to do with it."""
