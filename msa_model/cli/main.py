"""`msa`: the engine without QGIS. Each command imports what is heavy only when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from msa_model.cli import adapt, batch, calibrate, describe, index, indexes, info, search, worker
from msa_model.cli.crash import explained, silence
from msa_model.cli.output import write_any_name
from msa_model.jobs.failures import known
from msa_model.jobs.threads import wait_passively
from msa_model.protocol.errors import DiskFull
from msa_model.research.commands import evaluate, train, train_languages
from msa_model.shipped import version

EXIT_FAILED, EXIT_CANCELLED = 1, 130

_COMMANDS = (
    *(index, search, batch, describe, indexes, evaluate, worker),
    *(train, train_languages, adapt, info),
)
_COORDINATES = ("--at", "--bounds", "--like", "--unlike")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; 0 on success, 1 on a failure, 2 on wrong usage, 130 after Ctrl-C."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _run(words)
    except KeyboardInterrupt:
        print("Cancelled; what was finished is kept.", file=sys.stderr)
        return EXIT_CANCELLED
    except BrokenPipeError:  # `msa … | head`
        silence()
        return EXIT_FAILED


def _run(words: Sequence[str]) -> int:
    write_any_name()
    args = parse(words)
    wait_passively()
    try:
        status = int(args.run(args) or 0)
        sys.stdout.flush()
        return status
    except (KeyboardInterrupt, BrokenPipeError, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are no Exception
        return _fail(error, words)


def _fail(error: BaseException, words: Sequence[str]) -> int:
    named = known(error, "the output" if isinstance(error, OSError) else "this command")
    if named is None:
        print(explained(error, words), file=sys.stderr)
        return EXIT_FAILED
    print(f"msa: {named.sentence}\n     {named.remedy}", file=sys.stderr)
    if isinstance(named, DiskFull):
        silence()  # the rest of the output, at the exit
    return EXIT_FAILED


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace; `run` is the command's function."""
    parser = _parser()
    args, extras = parser.parse_known_args(_joined_coordinates(argv))
    words = getattr(args, "words", None)
    if extras and (words is None or any(extra.startswith("-") for extra in extras)):
        parser.error(f"unrecognised arguments: {' '.join(extras)}")
    if words is not None:  # argparse gives a list of positionals up once an option interrupts it
        words.extend(extras)
    return args


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="msa", description="Search georeferenced imagery by describing what you want to see."
    )
    parser.add_argument("--version", action="version", version=f"msa {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        index,
        search,
        batch,
        describe,
        indexes,
        evaluate,
        worker,
        train,
        train_languages,
        adapt,
        calibrate,
        info,
    ):
        module.add_parser(commands)
    return parser


def _joined_coordinates(argv: Sequence[str]) -> list[str]:
    """`--at -85.1,27.6` as `--at=-85.1,27.6`, which argparse does not take for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in _COORDINATES:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


if __name__ == "__main__":
    sys.exit(main())
