"""The background process: JSON-RPC over its standard streams."""
