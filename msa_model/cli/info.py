"""`msa info`: what is installed here, what an index holds, and what another model is and costs.

Loads neither torch nor a model, unless another model than the shipped one is named: that is tried.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import importlib.util
import platform
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from msa_model.cli.output import facts, metres, note, print_json, size
from msa_model.model.checkpoint import CONFIG, checkpoint_identity, default_checkpoint
from msa_model.model.clip_files import model_kind
from msa_model.model.config import TextConfig, read_config
from msa_model.model.engines.choosing import chosen_engine
from msa_model.model.engines.measuring import measured
from msa_model.model.engines.record import circumstances, processor_name, read_record, vector_units
from msa_model.protocol.models import TORCH, engine_named
from msa_model.shipped import checkpoint_folder, version

_CPU_BUILD = "+cpu"


def run(args: argparse.Namespace) -> int:
    """Prints the facts; an index file that cannot be read is an error."""
    installation = {"version": version(), **_device(), **_model(args.model)}
    installation |= _engine(args, installation)
    if args.model is not None and not _is_shipped(installation["model_sha256"]):
        installation["check"] = _check(args.model)
    indexes = [_index(path) for path in args.indexes]
    if args.json:
        print_json({**installation, "indexes": indexes})
        return 0
    print("\n\n".join([_installation_text(installation), *map(_index_text, indexes)]))
    return 0


def _device() -> dict[str, Any]:
    """What torch will run on, told from its build and the machine: importing it takes seconds."""
    build = _installed("torch")
    gpu = "NVIDIA" if _has_nvidia_gpu() else "Apple" if _has_apple_gpu() else None
    uses_gpu = gpu is not None and build is not None and not build.endswith(_CPU_BUILD)
    return {
        "torch": build or "not installed",
        "gpu": gpu or "none",
        "device": "cpu" if not uses_gpu else "mps" if gpu == "Apple" else "cuda",
        "gpu_unused": gpu is not None and not uses_gpu,
    }


def _engine(args: argparse.Namespace, found: dict[str, Any]) -> dict[str, Any]:
    """What the image tower runs on and how fast each engine is; measured once, by a process of its own."""
    told: dict[str, Any] = {"processor": processor_name(), "vector_units": list(vector_units())}
    folder, sha256 = Path(found["checkpoint"]), found["model_sha256"]
    if model_kind(folder) != "msa":
        return told | {"engine": TORCH, "engine_note": "", "engines": [], "engines_settled": True}
    wants = args.measure or engine_named(args.engine) != TORCH
    record = read_record(circumstances(sha256, None))
    if wants and (args.measure or record is None or not record.is_settled):
        note("Measuring the engines …")
        record = measured(folder, sha256, None, again=args.measure)
    choice = chosen_engine(args.engine, folder, sha256, None, found["device"], known=record)
    trials = [dataclasses.asdict(trial) for trial in record.trials] if record else []
    settled = record is None or record.is_settled
    return told | {
        "engine": choice.name,
        "engine_note": choice.note,
        "engines": trials,
        "engines_settled": settled,
    }


def _has_nvidia_gpu() -> bool:
    return Path("/proc/driver/nvidia/gpus").is_dir() or shutil.which("nvidia-smi") is not None


def _has_apple_gpu() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _model(model: str | None) -> dict[str, Any]:
    """The checkpoint by its manifest, and its text encoder.

    Raises:
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: see `checkpoint_identity`.
    """
    folder = checkpoint_folder(model) or default_checkpoint()
    name, sha256, dimension = checkpoint_identity(folder)
    return {
        "model": name,
        "model_sha256": sha256,
        "dimension": dimension,
        "checkpoint": str(folder),
        **_parts(folder),
    }


def _is_shipped(sha256: str) -> bool:
    return checkpoint_identity()[1] == sha256


def _check(model: str) -> dict[str, Any]:
    """Whether the model's towers agree, and its cost; errors as of `load_encoder`."""
    with redirect_stdout(sys.stderr):
        from msa_model.jobs.phrases import shipped_phrases  # noqa: PLC0415
        from msa_model.model.agreement import check_model  # noqa: PLC0415  (torch)
        from msa_model.model.loading import load_encoder  # noqa: PLC0415

        found = check_model(load_encoder(checkpoint_folder(model)), load_encoder(), shipped_phrases())
    return dataclasses.asdict(found)


def _parts(folder: Path) -> dict[str, Any]:
    """Which text encoder reads the model's queries, and where that comes from."""
    if model_kind(folder) != "msa":
        return {"text_encoder": "the model's own", "text_encoder_source": "the model folder"}
    return _text_encoder(read_config(folder / CONFIG).text)


def _text_encoder(text: TextConfig) -> dict[str, str]:
    if not text.package:
        return {"text_encoder": text.hub_name or Path(text.folder).name, "text_encoder_source": text.folder}
    carried = importlib.util.find_spec(text.package) is not None
    source = f"package {text.package}" if carried else "Hugging Face"
    return {"text_encoder": text.hub_name, "text_encoder_source": source}


def _index(path: str) -> dict[str, Any]:
    """The manifest of an index and what it holds.

    Raises:
        IndexMissing, IndexUnreadable: the file is none.
    """
    from msa_model.index.manifest import raster_of  # noqa: PLC0415  (rasterio)
    from msa_model.index.store import TileIndex  # noqa: PLC0415

    with TileIndex.open_for_reading(path) as index:
        keys, manifest, done = index.load().keys, index.manifest, len(index.done_keys())
    factors, counts = np.unique(keys[:, 0], return_counts=True)
    scales = dict(zip(map(manifest.scale_m, factors.tolist()), counts.tolist(), strict=True))
    return {
        "index": path,
        "raster": raster_of(manifest, path),
        "width": manifest.width,
        "height": manifest.height,
        "gsd_m": manifest.gsd_m,
        "crs": manifest.crs,
        "model": manifest.model,
        "model_sha256": manifest.model_sha256,
        "engines": list(manifest.engines),
        "encoding": manifest.encoding,
        "tiles": len(keys),
        "skipped": done - len(keys),
        "bytes": Path(path).stat().st_size,
        "scales": [{"scale_m": scale, "tiles": tiles} for scale, tiles in scales.items()],
    }


def _index_text(index: dict[str, Any]) -> str:
    scales = ", ".join(f"{s['tiles']} of {metres(s['scale_m'])}" for s in index["scales"])
    return facts(
        [
            ("index", f"{index['index']} ({size(index['bytes'])})"),
            ("raster", index["raster"]),
            ("pixels", f"{index['width']} × {index['height']} of {metres(index['gsd_m'])}, {index['crs']}"),
            ("model", f"{index['model']} ({index['model_sha256'][:8]})"),
            ("encoded", f"{index['encoding']}, by {', '.join(index['engines']) or 'torch'}"),
            ("tiles", f"{index['tiles']}: {scales}; {index['skipped']} skipped"),
        ]
    )


def _installation_text(found: dict[str, Any]) -> str:
    unused = "; warning: its torch build cannot use the GPU" if found["gpu_unused"] else ""
    return facts(
        [
            ("msa", found["version"]),
            ("torch", found["torch"]),
            ("device", f"{found['device']} (GPU: {found['gpu']}{unused})"),
            ("processor", " ".join((found["processor"], *found["vector_units"]))),
            ("engine", ". ".join(filter(None, (found["engine"], found["engine_note"], _unsettled(found))))),
            *((trial["name"], _trial_text(trial)) for trial in found["engines"]),
            ("model", f"{found['model']} ({found['model_sha256'][:8]}), {found['dimension']} dimensions"),
            ("checkpoint", found["checkpoint"]),
            ("text encoder", f"{found['text_encoder']} from {found['text_encoder_source']}"),
            *(_check_facts(found["check"]) if "check" in found else ()),
        ]
    )


def _unsettled(found: dict[str, Any]) -> str:
    busy = "Measured beside other work: it is measured again at the next start, or by --measure"
    return "" if found["engines_settled"] else busy


def _trial_text(trial: dict[str, Any]) -> str:
    return trial["fault"] or f"{trial['tiles_per_second']:.0f} tiles a second, cosine {trial['cosine']:.3f}"


def _check_facts(check: dict[str, Any]) -> list[tuple[str, str]]:
    rates = check["tiles_per_second"], check["shipped_tiles_per_second"]
    agree = f"{check['agreement']:.2f} with the shipped model (by chance up to {check['by_chance']:.2f})"
    wrong = "; its image and text towers do not belong together: it is converted or filled up wrongly"
    fitted = "fitted" if check["calibrated"] else "not fitted: run msa calibrate --model DIR RASTERS"
    return [
        ("agreement", agree if check["sound"] else agree + wrong),
        ("speed", f"{rates[0]:.1f} tiles a second; shipped model {rates[1]:.1f}"),
        ("index", f"{check['bytes_per_tile']} bytes a tile; shipped {check['shipped_bytes_per_tile']}"),
        ("verdicts", fitted),
    ]
