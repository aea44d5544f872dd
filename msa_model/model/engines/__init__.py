"""What the image tower runs on: torch, or OpenVINO where that is installed and faster."""
