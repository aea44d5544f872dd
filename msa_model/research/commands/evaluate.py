"""`msa evaluate`: measure a checkpoint on captions, classes, short phrases, scenes, or tiles in context."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from msa_model.cli.inputs import load_encoder
from msa_model.cli.options import add_json, add_model, numbers
from msa_model.cli.output import note, print_result
from msa_model.jobs.phrases import shipped_phrases
from msa_model.measure.dataset import (
    in_split,
    read_dataset,
    read_labelled,
    read_split,
    set_name,
    with_classes,
)
from msa_model.measure.evaluation import PassEncoder, evaluate, kept
from msa_model.measure.subjects import read_labels, read_phrases, subject_phrases
from msa_model.measure.tables import separation_tables
from msa_model.measure.verdict import SubjectVectors, evaluate_verdict
from msa_model.measure.verdict_sets import labelled_cases
from msa_model.model.dual_encoder import MISSING
from msa_model.protocol.errors import BadArgument, PhrasesUnreadable
from msa_model.protocol.messages import ScanSettings
from msa_model.protocol.models import TORCH
from msa_model.research.commands.measures import NO_PICTURE, change, labelled, robust, small, sources
from msa_model.research.evaluate.blocks import (
    BlockEvaluation,
    ImageEncoder,
    evaluate_blocks,
    evaluate_context,
)
from msa_model.research.evaluate.change_pairs import is_list_of_pairs
from msa_model.research.evaluate.classes import (
    measure_languages,
    measure_phrases,
    read_translations,
    zero_shot,
)
from msa_model.research.evaluate.report import (
    block_tables,
    class_tables,
    context_tables,
    language_tables,
    phrase_tables,
    retrieval_tables,
    scene_tables,
)
from msa_model.research.evaluate.scenes import (
    evaluate_scenes,
    made_scenes,
    of_first_images,
    read_scenes,
)
from msa_model.research.evaluate.sheet import check_picture, contact_sheet, write_picture
from msa_model.shipped import checkpoint_folder

_DRAWS = 1000
_SHIPPED = Path()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.description = "Without a choice below: retrieval between images and their captions, both ways."
    parser.add_argument(
        "dataset", type=Path, metavar="DATASET", help="JSON file, or a folder with a folder of images a class"
    )
    parser.add_argument(
        "images",
        type=Path,
        nargs="?",
        metavar="IMAGES_DIR",
        help="folder that the file names are relative to (default: that of DATASET)",
    )
    parser.add_argument("--split", metavar="NAME", help="default: val, and all of a set without splits")
    _add_choices(parser)
    parser.add_argument(
        "--languages",
        action="store_true",
        help="with --phrases: the same phrases in other languages, each beside English",
    )
    parser.add_argument(
        "--by-blocks", action="store_true", help="with --verdict: tiles of mosaics out of blocks"
    )
    parser.add_argument(
        "--queries", type=Path, metavar="FILE.txt", help="with --sheet: one query a line (default: phrases)"
    )
    parser.add_argument(
        "--embeddings",
        type=Path,
        metavar="FILE.sqlite",
        help="keep what the model makes of tiles in this file, and use what it has",
    )
    _add_draws(parser)
    parser.add_argument(
        "--scales", type=numbers(), default=(), metavar="M,M", help="with --scenes: tile sides in metres"
    )
    parser.add_argument(
        "--pixel-rule", action="store_true", help="with --scenes: the published pixel windows"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    add_model(parser, TORCH)  # the same figures on any machine
    add_json(parser)


def _add_draws(parser: argparse.ArgumentParser) -> None:
    """What is drawn, and by which seed."""
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="with --sources, --small, --robust, --blocks: as many images, drawn by seed; with --scenes: as "
        "many scenes, the first",
    )
    parser.add_argument("--bootstrap", type=int, default=_DRAWS, metavar="N", help="draws (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap and of the mosaics")
    parser.add_argument(
        "--seeds",
        type=int,
        default=3,
        metavar="N",
        help="with --verdict; with --change, mosaics (default: 3)",
    )


def _add_choices(parser: argparse.ArgumentParser) -> None:
    choices = parser.add_mutually_exclusive_group()
    choices.add_argument(
        "--classes", action="store_true", help="zero-shot classes: top-1 and average precision"
    )
    choices.add_argument(
        "--phrases",
        type=Path,
        nargs="?",
        const=_SHIPPED,
        metavar="FILE.csv",
        help="short phrases of each class as queries (columns label, phrase; default: the shipped ones)",
    )
    choices.add_argument("--context", action="store_true", help="images alone against images in mosaics")
    choices.add_argument(
        "--verdict", action="store_true", help="does a search's verdict tell what is there from what is not"
    )
    choices.add_argument(
        "--scenes",
        action="store_true",
        help="semantic localisation; DATASET lists scenes, or is laid out as some",
    )
    choices.add_argument(
        "--sources",
        type=Path,
        nargs="?",
        const=NO_PICTURE,
        metavar="FILE.png",
        help="each source of images against the classes of every set; draw what is taken for what",
    )
    choices.add_argument("--small", action="store_true", help="what share of a tile an object must cover")
    choices.add_argument(
        "--change",
        action="store_true",
        help="what changed between two dates: of a list of pairs, or of mosaics with replaced cells",
    )
    choices.add_argument("--robust", action="store_true", help="retrieval and phrases on degraded images")
    choices.add_argument(
        "--blocks", action="store_true", help="tiles out of blocks against tiles by themselves, on mosaics"
    )
    choices.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw what queries find first")


def run(args: argparse.Namespace) -> int:
    """Measure and print.

    Raises:
        DatasetUnreadable, PhrasesUnreadable, BadArgument: what is to be measured on.
        And what `load_encoder` raises.
    """
    args.images = args.images or (args.dataset if args.dataset.is_dir() else args.dataset.parent)
    if args.seeds < 1:
        raise BadArgument(f"There must be at least one seed, not {args.seeds}.")
    if args.limit is not None and args.limit < 1:
        raise BadArgument(f"--limit must be at least 1, not {args.limit}.")
    if args.languages and args.phrases is None:
        raise BadArgument("--languages goes with --phrases.")
    if args.by_blocks and not args.verdict:
        raise BadArgument("--by-blocks goes with --verdict.")
    if args.bootstrap < 0:
        raise BadArgument(f"The bootstrap cannot draw {args.bootstrap} times.")
    return _measure_of(args)(args)


def _measure_of(args: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    choices = {
        _classes: args.classes,
        _phrases: args.phrases is not None,
        _context: args.context,
        _verdict: args.verdict,
        _scenes: args.scenes,
        _sheet: args.sheet,
        sources: args.sources is not None,
        small: args.small,
        robust: args.robust,
        change: args.change,
        _blocks: args.blocks,
    }
    return next((measure for measure, chosen in choices.items() if chosen), _retrieval)


def _retrieval(args: argparse.Namespace) -> int:
    rows = read_split(args.dataset, args.images, args.split or "val")
    result = evaluate(kept(load_encoder(args), args.embeddings), rows, args.bootstrap, args.seed)
    head = f"{result.images} images, {result.captions} captions, mean recall {result.mr:.2f}"
    return print_result(args, result, retrieval_tables(result), head)


def _classes(args: argparse.Namespace) -> int:
    rows = read_labelled(args.dataset, args.images, args.split)
    result = zero_shot(kept(load_encoder(args), args.embeddings), rows, read_phrases())
    figures = f"top-1 {result.top1:.2f} (labels alone {result.bare_top1:.2f}), mAP {result.map:.2f}"
    head = f"{result.images} images, {len(result.classes)} classes: {figures}"
    return print_result(args, result, class_tables(result), head)


def _languages(args: argparse.Namespace) -> int:
    translations = read_translations(None if args.phrases == _SHIPPED else args.phrases)
    rows = read_labelled(args.dataset, args.images, args.split)
    result = measure_languages(load_encoder(args), rows, translations)
    return print_result(args, result, language_tables(result), f"{result.images} images, figures in percent")


def _phrases(args: argparse.Namespace) -> int:
    if args.languages:
        return _languages(args)

    phrases = read_phrases(None if args.phrases == _SHIPPED else args.phrases)
    rows = read_labelled(args.dataset, args.images, args.split)
    result = measure_phrases(kept(load_encoder(args), args.embeddings), rows, phrases)
    head = (
        f"{result.images} images, {len(result.phrases)} phrases of {len(result.synonyms)} classes, in percent"
    )
    return print_result(args, result, phrase_tables(result), head)


def _context(args: argparse.Namespace) -> int:
    rows = read_split(args.dataset, args.images, args.split or "val")
    image_encoder = ImageEncoder.load(checkpoint_folder(args.model))
    result = evaluate_context(load_encoder(args), image_encoder, rows, args.seed)
    return print_result(
        args, result, context_tables(result), f"{len(rows)} images, neighbours of seed {args.seed}"
    )


def _blocks(args: argparse.Namespace) -> int:
    rows = labelled(args)
    encoder = load_encoder(args)
    results = evaluate_blocks(encoder, rows, read_phrases(), args.seed)
    head = f"{len(rows)} images in {results[0].mosaics} mosaics, {encoder.engine}, figures in percent"
    return print_result(args, BlockEvaluation(encoder.engine, results), block_tables(results), head)


def _verdict(args: argparse.Namespace) -> int:
    sets = {set_name(args.dataset): read_labelled(args.dataset, args.images, args.split)}
    loaded, table = load_encoder(args), read_labels()
    encoder = PassEncoder(loaded) if args.by_blocks else kept(loaded, args.embeddings)
    asked = SubjectVectors.of(encoder, subject_phrases(table, read_phrases()), shipped_phrases())
    seeds = [labelled_cases(encoder, sets, asked, table, seed) for seed in range(args.seeds)]
    result = evaluate_verdict(seeds, loaded.calibration, centred=bool(loaded.background.any()))
    head = f"{len(result.sources) - 1} sources: AUROC {result.all.auroc:.3f}"
    return print_result(args, result, separation_tables(result), head)


def _scenes(args: argparse.Namespace) -> int:
    settings = ScanSettings(scales_m=args.scales)
    with tempfile.TemporaryDirectory(prefix="msa-scenes-") as folder:
        if is_list_of_pairs(args.dataset):
            scenes = read_scenes(args.dataset, args.images)
        else:
            rows = read_labelled(args.dataset, args.images, args.split)
            scenes = made_scenes(rows, read_phrases(), args.seed, Path(folder))
        scenes = of_first_images(scenes, args.limit)
        result = evaluate_scenes(
            kept(load_encoder(args), args.embeddings), scenes, settings, pixel_rule=args.pixel_rule
        )
    images = len({scene.image for scene in scenes})
    head = f"{images} scenes, {len(scenes)} queries, Rmi {result.mean.rmi:.4f}"
    return print_result(args, result, scene_tables(result), head)


def _sheet(args: argparse.Namespace) -> int:
    check_picture(args.sheet)
    rows = with_classes(read_dataset(args.dataset, args.images))
    if args.split or any(row.split == "val" for row in rows):
        rows = in_split(rows, args.split or "val", str(args.dataset))
    phrases = read_phrases()
    labels = {row.label for row in rows}
    queries = _lines(args.queries) if args.queries else [own[0] for k, own in phrases.items() if k in labels]
    encoder = load_encoder(args)
    if encoder.language_of(queries) == MISSING:
        note("Warning: some queries are not English, and the package that reads them is not installed.")
    write_picture(args.sheet, contact_sheet(kept(encoder, args.embeddings), rows, queries, phrases))
    note(f"{len(queries)} queries among {len(rows)} images: {args.sheet}")
    return 0


def _lines(file: Path) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise PhrasesUnreadable(f"The queries {file} cannot be read: {error}.") from error
    queries = [line for line in lines if line]
    if not queries:
        raise PhrasesUnreadable(f"{file} holds no query.")
    return queries
