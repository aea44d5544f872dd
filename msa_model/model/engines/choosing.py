"""Which engine a checkpoint runs on. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from msa_model.model.engines.measuring import measured, try_engines
from msa_model.model.engines.record import Record, circumstances, write_record
from msa_model.protocol.models import AUTO, TORCH, Trial, engine_named, is_openvino

INSTEAD = "The model runs on torch instead."


@dataclass(frozen=True)
class EngineChoice:
    """An engine, and why it is not the one that was wanted; empty where it is."""

    name: str
    note: str = ""


def chosen_engine(
    wanted: str,
    folder: Path,
    sha256: str,
    threads: int | None,
    device: str = "cpu",
    *,
    known: Record | None = None,
) -> EngineChoice:
    """The engine for a checkpoint; "torch" leaves the precision to the device.

    By what is `known` of the engines here; else measures, if need be.

    Raises:
        BadArgument: there is no such engine.
    """
    name = engine_named(wanted)
    if device != "cpu":
        note = f"The engine '{name}' does not run on {device}. {INSTEAD}" if is_openvino(name) else ""
        return EngineChoice(TORCH if is_openvino(name) or name == AUTO else name, note)
    if name != AUTO and not is_openvino(name):
        return EngineChoice(name)
    record = known or measured(folder, sha256, threads)
    if name == AUTO:
        return EngineChoice(record.fastest(), "" if known else _news(record, circumstances(sha256, threads)))
    return _if_usable(record.trial(name) or try_engines(folder, threads, [name])[0])


def _news(record: Record, about: tuple[str, ...]) -> str:
    """What nobody has been told yet: which engines of the processor do not run here."""
    if record.told or not record.refused:
        return ""
    write_record(about, replace(record, told=True))
    why = " ".join(f"'{name}': {fault}" for name, fault in record.refused.items())
    return f"Not every engine can be used here. {why} The model runs on {record.fastest()}."


def _if_usable(trial: Trial) -> EngineChoice:
    if trial.is_usable:
        return EngineChoice(trial.name)
    why = trial.fault or f"Its vectors are not torch's here (cosine {trial.cosine:.3f})."
    return EngineChoice(TORCH, f"The engine '{trial.name}' cannot be used: {why} {INSTEAD}")
