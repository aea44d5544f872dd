"""One adaptation: a checkpoint and a user's pairs in, an audit and a better checkpoint out.

The audit: a table of all pairs, those that fit worst first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.adapt.adapt import FittedHeads, SortedPairs, encode_pairs, fit_heads, sort_pairs, tables_of
from msa_model.adapt.assess import PairClass
from msa_model.adapt.heads import Heads, PairTable
from msa_model.adapt.own_data import LeftOut, OwnData, OwnPair
from msa_model.files.folders import writing
from msa_model.files.replacing import check_replaceable, is_sealed, mark, replacing, sealed
from msa_model.model.checkpoint import (
    Checkpoint,
    check_target,
    default_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from msa_model.protocol.errors import BadArgument

HEADER = ("file", "caption", "loss", "mismatch", "class", "better_caption", "better_file", "place")
_MADE = "audit"
_FORMULA = ("=", "+", "-", "@")  # what spreadsheets take for one to compute
UNSORTED, LEFT_OUT = "unsorted", "left out"


def write_audit(
    path: Path, pairs: Sequence[OwnPair], left_out: Sequence[LeftOut], found: SortedPairs
) -> None:
    """One line a pair, the highest loss first, then what was left out and why (in the column `class`).

    `mismatch` is the probability that the pair is wrong; `better_caption` and `better_file` are the nearest
    ones that the image and the caption are not paired with. The last line tells an untouched audit from one
    that somebody worked on.

    Raises:
        FileNotOurs: the file that is there is no audit, or somebody worked on it.
        DiskFull, storage_failed, folder_read_only: the file cannot be written.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(HEADER)
    table.writerows(_rows(pairs, found))
    table.writerows(("", "", "", "", f"{LEFT_OUT}: {item.reason}", "", "", item.origin) for item in left_out)
    table.writerow(("", "", "", "", mark(_MADE), "", "", ""))
    with replacing(path, is_own_audit) as part:
        part.write_bytes(sealed(text.getvalue(), _MADE))


def check_audit(path: Path) -> None:
    """Whether the audit may be written; errors as of `write_audit`."""
    if path.parent.is_dir():
        check_replaceable(path, is_own_audit)


def is_own_audit(path: Path) -> bool:
    """Whether `write_audit` wrote the file, and nobody changed it since."""
    return is_sealed(path, _MADE)


def _rows(pairs: Sequence[OwnPair], found: SortedPairs) -> Iterator[tuple[str, ...]]:
    tables, judged, split = tables_of(pairs), found.assessment, found.split
    for i in np.argsort(-judged.losses.numpy(), kind="stable").tolist():
        yield (
            _shown(str(pairs[i].path)),
            _shown(pairs[i].caption),
            f"{judged.losses[i]:.3f}",
            "" if split is None else f"{split.mismatch[i]:.3f}",
            UNSORTED if split is None else str(split.classes[i]),
            _shown(tables.captions[int(judged.better_text[i])]),
            _shown(str(tables.files[int(judged.better_image[i])])),
            pairs[i].origin,
        )


def _shown(text: str) -> str:
    """A text that no spreadsheet takes for a formula: captions may come from anywhere."""
    return f"'{text}" if text.startswith(_FORMULA) else text


AUDIT = "audit.csv"


@dataclass(frozen=True)
class AdaptReport:
    """Recall on held-out images before and after; `checkpoint` is None where nothing better came out.

    `classes` counts clean, doubtful and wrong pairs; it is empty where they were too few to be sorted.
    """

    adapted_from: str
    adapted_from_sha256: str
    seed: int
    images: int
    pairs: int
    left_out: int
    held_out_images: int
    recall_before: float
    recall_after: float
    epoch: int
    classes: dict[str, int]
    audit: str
    checkpoint: str | None


def adapt_checkpoint(
    folder: Path | None, data: OwnData, out: Path, *, device: str, seed: int, say: Callable[[str], None]
) -> AdaptReport:
    """Adapt the checkpoint in `folder` (None: the shipped one) and write audit and checkpoint to `out`.

    The new checkpoint is called like its folder; it is only written if it recalls more on held-out images.

    Raises:
        BadArgument: `out` is the folder to start from.
        FileNotOurs: `out` holds another model, or another table of the audit's name.
        DiskFull, folder_read_only: `out` cannot be written; a checkpoint that was there is as it was.
        And what `read_checkpoint` and `encode_pairs` raise.
    """
    folder = folder or default_checkpoint()
    if out.resolve() == folder.resolve():
        raise BadArgument(f"{out} is the model to start from: choose another folder to write to.")
    check_target(out)
    check_audit(out / AUDIT)
    checkpoint = read_checkpoint(folder)
    heads, pairs = encode_pairs(checkpoint, data.pairs, device)
    mean = _mean_embedding(heads, pairs)
    found = sort_pairs(heads, pairs, seed)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    write_audit(out / AUDIT, data.pairs, data.left_out, found)
    fit = fit_heads(heads, found.weighted(pairs), seed, say)
    report = _report(checkpoint, data, (found, fit), out, seed)
    if fit.better:
        background = checkpoint.background + _mean_embedding(heads, pairs) - mean
        _write(checkpoint, fit, background, out, report)
    return report


def _mean_embedding(heads: Heads, pairs: PairTable) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = heads.embed(pairs)[0].mean(dim=0).numpy()
    return mean


def _report(
    checkpoint: Checkpoint, data: OwnData, results: tuple[SortedPairs, FittedHeads], out: Path, seed: int
) -> AdaptReport:
    found, fit = results
    classes = [] if found.split is None else found.split.classes.tolist()
    return AdaptReport(
        adapted_from=checkpoint.config.name,
        adapted_from_sha256=checkpoint.sha256,
        seed=seed,
        images=len({pair.path for pair in data.pairs}),
        pairs=len(data.pairs),
        left_out=len(data.left_out),
        held_out_images=fit.held_out,
        recall_before=fit.before,
        recall_after=fit.after,
        epoch=fit.epoch,
        classes={kind.value: classes.count(kind.value) for kind in PairClass} if classes else {},
        audit=str(out / AUDIT),
        checkpoint=str(out) if fit.better else None,
    )


def _write(
    checkpoint: Checkpoint, fit: FittedHeads, background: NDArray[np.float32], out: Path, report: AdaptReport
) -> None:
    """The checkpoint with new heads, and in its manifest where it comes from."""
    config = replace(checkpoint.config, name=out.resolve().name)
    tensors = checkpoint.tensors | {name: tensor.numpy() for name, tensor in fit.state.items()}
    origin = {"name": report.adapted_from, "sha256": report.adapted_from_sha256}
    measured = {
        key: getattr(report, key)
        for key in ("seed", "images", "pairs", "held_out_images", "recall_before", "recall_after")
    }
    more = {"adapted_from": origin, "adaptation": measured}
    write_checkpoint(out, config, tensors, background, checkpoint.deltas, more=more)
