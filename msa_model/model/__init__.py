"""The MSA network, its text side, checkpoints and batched encoding."""
