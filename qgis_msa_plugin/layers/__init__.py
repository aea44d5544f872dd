"""Map layers in and out."""
