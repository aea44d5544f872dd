"""Scans and searches over several machines, by Dask: the tasks and those who hand them out."""
