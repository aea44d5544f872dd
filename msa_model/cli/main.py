"""`msa`: the engine without QGIS. A command's module is imported when the command is named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from msa_model.cli import arguments
from msa_model.cli.options import joined_coordinates
from msa_model.cli.output import explained, note, read_names_as_utf8, silence, visible, write_any_name
from msa_model.jobs.failures import known
from msa_model.jobs.threads import wait_passively
from msa_model.protocol.errors import DiskFull, MsaError
from msa_model.protocol.rpc import shortened
from msa_model.shipped import version

EXIT_FAILED, EXIT_CANCELLED = 1, 130
RESEARCH = "msa_model.research"  # what the wheel leaves out


@dataclass(frozen=True)
class Command:
    """What a command is for, the function that runs it (`module:function`), and what adds its arguments.

    Without `arguments` the module's own `add_arguments` does.
    """

    help: str
    run: str
    arguments: Callable[[argparse.ArgumentParser], None] | None = None


@dataclass(frozen=True)
class CommandGroup:
    """Commands behind one word, and what they are for."""

    help: str
    commands: Mapping[str, Command | CommandGroup]


_INDEXES: Mapping[str, Command | CommandGroup] = {
    "list": Command(
        "those of folders, of rasters, and of the cache",
        "msa_model.cli.indexes:list_indexes",
        arguments.indexes_list,
    ),
    "delete": Command(
        "delete an index; the raster is not touched",
        "msa_model.cli.indexes:delete_index",
        arguments.indexes_delete,
    ),
    "move": Command(
        "bring an index to another folder", "msa_model.cli.indexes:move_index", arguments.indexes_move
    ),
    "export": Command(
        "write an index as GeoParquet", "msa_model.cli.indexes:export_index", arguments.indexes_export
    ),
}
_COMMANDS: Mapping[str, Command | CommandGroup] = {
    "index": Command("index a raster, or what is missing of it", "msa_model.cli.index:run", arguments.index),
    "search": Command(
        "rank indexed tiles by texts and examples", "msa_model.cli.search:run", arguments.search
    ),
    "series": Command("follow a query over many dates", "msa_model.cli.change:series", arguments.series),
    "batch": Command("answer many queries over many rasters", "msa_model.cli.batch:run", arguments.batch),
    "describe": Command(
        "name what is at a place of a raster", "msa_model.cli.describe:run", arguments.describe
    ),
    "explore": Command(
        "group indexed tiles by likeness, and name the groups",
        "msa_model.cli.describe:explore",
        arguments.explore,
    ),
    "indexes": CommandGroup("list, delete, move or export index files", _INDEXES),
    "coverage": Command(
        "tell what of a raster is indexed", "msa_model.cli.indexes:show_coverage", arguments.coverage
    ),
    "evaluate": Command(
        "measure retrieval, zero-shot classes, short phrases or localisation",
        "msa_model.research.commands.evaluate:run",
    ),
    "worker": Command("serve QGIS over stdin and stdout", "msa_model.cli.worker:run", arguments.nothing),
    "train": Command(
        "train a checkpoint on captioned and labelled images", "msa_model.research.commands.train:run"
    ),
    "quantise": Command(
        "make the int8 image tower of a checkpoint, for OpenVINO", "msa_model.research.commands.quantise:run"
    ),
    "train-languages": Command(
        "teach a checkpoint to read queries in other languages",
        "msa_model.research.commands.train_languages:run",
    ),
    "train-text-head": Command(
        "train a checkpoint's text head further, its image tower standing still",
        "msa_model.research.commands.train_text_head:run",
    ),
    "adapt": Command("fit the model to your own captioned images", "msa_model.cli.adapt:run"),
    "distil": Command("let a checkpoint learn from a stronger model", "msa_model.cli.distil:run"),
    "calibrate": Command(
        "fit a model's verdicts to imagery whose content is known", "msa_model.cli.calibrate:run"
    ),
    "info": Command(
        "show versions, device, model, and what indexes hold", "msa_model.cli.info:run", arguments.info
    ),
}
MSA = CommandGroup("Search georeferenced imagery by describing what you want to see.", _COMMANDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; 0 on success, 1 on a failure, 2 on wrong usage, 130 after Ctrl-C."""
    if argv is None:
        read_names_as_utf8()
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
    try:
        args = parse(words)
        wait_passively()
        status = int(_named(args.run)(args) or 0)
        sys.stdout.flush()
        return status
    except (KeyboardInterrupt, BrokenPipeError, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are no Exception
        return _fail(error, words)


def _fail(error: BaseException, words: Sequence[str]) -> int:
    named = known(error, "the output" if isinstance(error, OSError) else "this command")
    if named is None:
        note(explained(error, words))
        return EXIT_FAILED
    note(f"msa: {visible(shortened(named.sentence))}\n     {named.remedy}")
    if isinstance(named, DiskFull):
        silence()  # the rest of the output, at the exit
    return EXIT_FAILED


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace; `run` names the command's function."""
    return _parse("msa", MSA, argv)


def _parse(prog: str, group: CommandGroup, words: Sequence[str]) -> argparse.Namespace:
    if not words or words[0] not in group.commands:
        overview = _overview(prog, group)
        overview.parse_args(words)
        overview.error("the command comes first")
    name, *rest = words
    command = group.commands[name]
    if isinstance(command, CommandGroup):
        return _parse(f"{prog} {name}", command, rest)
    if not _installed(command):
        raise MsaError.of(
            "part_missing",
            f"'{prog} {name}' is for those who make models, and is not installed here. It comes with the "
            f'source code of MSA Search; in its folder: "{sys.executable}" -m pip install -e .',
        )
    parser = argparse.ArgumentParser(prog=f"{prog} {name}")
    (command.arguments or _named(command.run, "add_arguments"))(parser)
    parser.set_defaults(run=command.run)
    args = parser.parse_intermixed_args(joined_coordinates(rest))
    _refuse_empty(parser, args, rest)
    return args


def _refuse_empty(parser: argparse.ArgumentParser, args: argparse.Namespace, words: Sequence[str]) -> None:
    """An option without a value, as a shell gives for a variable that is not set, is not as if left out."""
    for name, value in vars(args).items():
        option = f"--{name.replace('_', '-')}"
        if value == "" and any(word.split("=")[0] == option for word in words):
            parser.error(f"argument {option}: expected a value, but it is empty")


def _overview(prog: str, group: CommandGroup) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=group.help)
    parser.add_argument("--version", action="version", version=f"msa {version()}")
    listed = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in group.commands.items():
        if isinstance(command, CommandGroup) or _installed(command):
            listed.add_parser(name, help=command.help)
    return parser


def _installed(command: Command) -> bool:
    return not command.run.startswith(RESEARCH) or find_spec(RESEARCH) is not None


def _named(target: str, function: str | None = None) -> Callable[[Any], Any]:
    """The function at `module:function`, or another of its module; what libraries print goes to stderr."""
    module, _, own = target.partition(":")
    with redirect_stdout(sys.stderr):
        found: Callable[[Any], Any] = getattr(import_module(module), function or own)
    return found


if __name__ == "__main__":
    sys.exit(main())
