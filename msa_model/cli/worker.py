"""`msa worker`: the process that QGIS starts and talks to over stdin and stdout."""

from __future__ import annotations

import argparse

from msa_model.cli.options import Commands


def add_parser(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser("worker", help="serve QGIS over stdin and stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves; never returns."""
    from msa_model.worker.life import run as live  # noqa: PLC0415  (only this command needs it)

    live()
