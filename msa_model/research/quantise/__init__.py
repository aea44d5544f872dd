"""Making the int8 tower that goes with a checkpoint."""
