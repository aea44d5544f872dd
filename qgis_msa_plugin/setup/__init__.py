"""Setting up the worker's environment: choosing an interpreter, building, repairing, removing, reporting."""
