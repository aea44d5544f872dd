"""The set-up in words."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QLocale

from qgis_msa_plugin.setup.commands import SetupStep
from qgis_msa_plugin.setup.environment import Built, EnvironmentState
from qgis_msa_plugin.setup.interpreters import Flaw, Interpreter
from qgis_msa_plugin.setup.progress import Sizes
from qgis_msa_plugin.setup.verify import Proof
from qgis_msa_plugin.translate import tr


def step_text(step: SetupStep) -> str:
    """What is being done."""
    texts = {
        SetupStep.PYTHON: tr("Looking for a Python"),
        SetupStep.ENVIRONMENT: tr("Making an empty environment"),
        SetupStep.PACKAGES: tr("Fetching and unpacking the packages: this takes the longest"),
        SetupStep.TEXT_ENCODER: tr("Fetching the text encoder"),
        SetupStep.ENGINE: tr("Installing the search engine and the model"),
        SetupStep.VERIFY: tr("Trying it: the worker starts and looks at a picture"),
    }
    return texts[step]


def foot_text(step: Optional[SetupStep], thousandths: int) -> str:
    """How far a set-up is, in the line at the foot of the dock."""
    text = tr("Setting up the worker: {percent} %").format(percent=thousandths // 10)
    return f"{text} · {step_text(step)}" if step is not None else text


def state_text(state: EnvironmentState, built: Optional[Built]) -> str:
    """What is there."""
    if state is EnvironmentState.READY and built is not None:
        text = tr("Set up: version {version}, PyTorch {torch} on Python {python}, {size} on the disk.")
        size = gigabytes(built.megabytes * 10**6)
        return text.format(version=built.version, torch=built.torch, python=built.python, size=size)
    texts = {
        EnvironmentState.ABSENT: tr("The worker is not set up yet."),
        EnvironmentState.UNFINISHED: tr("A set-up was begun and not finished; it can go on from there."),
        EnvironmentState.OUTDATED: tr("The worker was set up for another version of MSA Search."),
    }
    return texts.get(state, "")


def start_text(state: EnvironmentState) -> str:
    """What the button does."""
    texts = {
        EnvironmentState.ABSENT: tr("&Set up"),
        EnvironmentState.UNFINISHED: tr("Go &on"),
        EnvironmentState.OUTDATED: tr("&Update"),
        EnvironmentState.READY: tr("&Repair"),
    }
    return texts[state]


def sizes_text(sizes: Sizes, free: int, folder: str, offline: bool) -> str:
    """What it costs, before anything is fetched."""
    if offline:
        text = tr("Fetches nothing; takes about {disk} in {folder}, where {free} are free.")
        return text.format(disk=gigabytes(sizes.disk), free=gigabytes(free), folder=folder)
    text = tr("Fetches about {download}; takes about {disk} in {folder}, where {free} are free.")
    return text.format(
        download=gigabytes(sizes.download), disk=gigabytes(sizes.disk), free=gigabytes(free), folder=folder
    )


def interpreter_text(interpreter: Interpreter) -> str:
    """One line of the list of Pythons."""
    return tr("Python {version} ({path})").format(version=interpreter.number, path=interpreter.program)


def flaw_text(interpreter: Interpreter, flaw: Flaw) -> str:
    """Why a Python does not do."""
    reasons = {
        Flaw.OLD: tr("older than 3.11"),
        Flaw.NEW: tr("too new for the packages"),
        Flaw.NARROW: tr("32 bit"),
        Flaw.INCOMPLETE: tr("without its module {name}").format(name=", ".join(interpreter.missing)),
    }
    text = tr("{python} does not do: {reason}.")
    return text.format(python=interpreter_text(interpreter), reason=reasons[flaw])


def proof_text(proof: Proof) -> str:
    """How the trial went."""
    device = proof.ready.device_name or proof.ready.device
    text = tr("It works: ready in {seconds} s on {device} with {model}; a test picture was looked at.")
    seconds = QLocale().toString(proof.ready.load_seconds, "f", 1)
    return text.format(seconds=seconds, device=device, model=proof.ready.model)


def gigabytes(size: int) -> str:
    """'1.5 GB'."""
    return tr("{number} GB").format(number=QLocale().toString(size / 1e9, "f", 1))
