"""Which engine a checkpoint runs on. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from msa_model.model.engines.measuring import measured, try_engines
from msa_model.model.engines.record import Record, circumstances, write_record
from msa_model.protocol.models import AUTO, TORCH, Trial, engine_named, is_openvino
from msa_model.protocol.warning_table import EngineWarning, sentences_of

INSTEAD = EngineWarning("runs_on_torch")
Warnings = tuple[EngineWarning, ...]


@dataclass(frozen=True)
class EngineChoice:
    """An engine, and why it is not the one that was wanted; no warnings where it is."""

    name: str
    warnings: Warnings = ()

    @property
    def note(self) -> str:
        """The warnings in English."""
        return sentences_of(self.warnings)


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
        if is_openvino(name):
            return EngineChoice(TORCH, (EngineWarning("engine_for_cpu", texts=(name, device)), INSTEAD))
        return EngineChoice(TORCH if name == AUTO else name)
    if name != AUTO and not is_openvino(name):
        return EngineChoice(name)
    record = known or measured(folder, sha256, threads)
    if name == AUTO:
        return EngineChoice(record.fastest(), () if known else _news(record, circumstances(sha256, threads)))
    return _if_usable(record.trial(name) or try_engines(folder, threads, [name])[0])


def _news(record: Record, about: tuple[str, ...]) -> Warnings:
    """What nobody has been told yet: which engines of the processor do not run here."""
    if record.told or not record.refused:
        return ()
    write_record(about, replace(record, told=True))
    refused = (why_not(trial) for trial in record.trials if trial.name in record.refused)
    return (*refused, EngineWarning("runs_on", texts=(record.fastest(),)))


def _if_usable(trial: Trial) -> EngineChoice:
    if trial.is_usable:
        return EngineChoice(trial.name)
    return EngineChoice(TORCH, (why_not(trial), INSTEAD))


def why_not(trial: Trial) -> EngineWarning:
    """Why an engine that was tried cannot be used."""
    if trial.fault:
        return trial.cause or EngineWarning("engine_unusable", texts=(trial.name, trial.fault))
    return EngineWarning("engine_differs", (trial.cosine,), (trial.name,))
