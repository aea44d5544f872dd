"""`msa worker`: the process that QGIS starts and talks to over stdin and stdout."""

from __future__ import annotations

import argparse

from msa_model.worker.main import run as live


def run(args: argparse.Namespace) -> int:
    """Serves; never returns."""
    live()
