"""The head for other languages: the multilingual encoder's English vectors, taught to be the checkpoint's.

Nothing but English is learned from. What a translation differs by in the encoder's space is stood for by
noise on its unit vectors: a head that holds still within that reach reads the translation like the original.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize
from tqdm import tqdm

from msa_model.measure.dataset import in_split, read_dataset
from msa_model.model.checkpoint import Tensors
from msa_model.model.encoder import Encoder
from msa_model.model.languages import WIDTH, LanguageHead, load_multilingual, write_languages
from msa_model.model.text import tidy
from msa_model.model.vocabulary import words_of
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.losses import noisy
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.samples import read_phrases

HIDDEN = 512
STEPS, BATCH, RATE, DECAY = 2500, 192, 3e-3, 0.01
SHARES = (0.5, 0.3, 0.2)  # of a batch: phrases alone; phrases in templates and pairs; captions
NOISE = (1.0, 3.5)  # length of what is added to a unit vector, drawn evenly
TEACHING = 256  # texts that are encoded at once
PAIRS = 4000
MOST_CAPTIONS = 6000
LINKS = ("{} beside {}", "{} next to {}", "{} and {}", "{} near {}", "{} with {}", "{} surrounded by {}")
OFTEN = 3  # a word in so many captions was taught; rarer ones are mostly typing errors

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TrainingTexts:
    """Texts by kind: `phrases` alone, `composed` of phrases, `captions`; `taught` are their words."""

    phrases: tuple[str, ...]
    composed: tuple[str, ...]
    captions: tuple[str, ...]
    taught: frozenset[str]

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them, kind after kind."""
        return (*self.phrases, *self.composed, *self.captions)


def read_texts(recipe: Recipe, folder: Path, data: Path, bank: Path, seed: int) -> TrainingTexts:
    """What a recipe teaches in words: its class phrases (beside `folder`), captions below `data`, the bank.

    Raises:
        BadArgument, DatasetUnreadable: a file of them.
    """
    by_class = read_phrases(folder / recipe.words.phrases) if recipe.words.phrases else {}
    phrases = sorted({phrase for own in by_class.values() for phrase in own} | set(read_bank(bank)))
    captions = [
        tidy(caption)
        for part in recipe.data
        if part.kind == "captions"
        for row in in_split(read_dataset(data / part.file, data / part.images), part.split, part.file)
        for caption in row.captions
    ]
    if not phrases or not captions:
        raise BadArgument("Other languages are learned from captions and phrases; some are missing.")
    counts = Counter(words_of(captions))
    often = {word for word, count in counts.items() if count >= OFTEN}
    composed = [*_in_templates(phrases, recipe.words.templates), *_pairs(phrases, seed)]
    return TrainingTexts(
        phrases=tuple(phrases),
        composed=tuple(dict.fromkeys(text for text in composed if text not in set(phrases))),
        captions=_some(sorted(set(captions)), seed),
        taught=frozenset(often | set(words_of(phrases))),
    )


def train_languages(folder: Path, training: TrainingTexts, seed: int, say: Callable[[str], None]) -> float:
    """Learn the head of the checkpoint in `folder` and write it there; the mean cosine with the teacher.

    Raises:
        LanguagesMissing: the multilingual encoder is not installed.
        And what `Encoder.load` and `write_languages` raise.
    """
    multilingual = load_multilingual()
    say(f"{len(training.texts)} texts: {len(training.phrases)} phrases, {len(training.captions)} captions")
    target = torch.from_numpy(_taught_vectors(Encoder.load(folder, "cpu"), training.texts))
    source = torch.from_numpy(multilingual.encode(list(training.texts)))
    counts = (len(training.phrases), len(training.composed), len(training.captions))
    head = fit_head(source, target, counts, seed)
    write_languages(folder, _stored(head), training.taught)
    with torch.inference_mode():
        return float((normalize(head(source), dim=1) * target).sum(dim=1).mean())


def fit_head(source: Tensor, target: Tensor, counts: Sequence[int], seed: int) -> nn.Sequential:
    """A head from unit vectors [n, 512] to unit vectors [n, d]; `counts` by kind."""
    draw = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, target.shape[1]))
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    for _ in tqdm(range(STEPS), desc="steps", leave=False):
        rows = _drawn(counts, draw)
        said = head(noisy(source[rows], NOISE, draw))
        loss = 1 - (normalize(said, dim=1) * target[rows]).sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return head.requires_grad_(requires_grad=False)


def _drawn(counts: Sequence[int], draw: torch.Generator) -> Tensor:
    """Numbers of a batch's texts, `SHARES` of it from each kind."""
    starts = [sum(counts[:kind]) for kind in range(len(counts))]
    parts = [
        torch.randint(start, start + count, (round(share * BATCH),), generator=draw)
        for start, count, share in zip(starts, counts, SHARES, strict=True)
    ]
    return torch.cat(parts)


def _stored(head: nn.Sequential) -> Tensors:
    weights = [tensor.numpy() for tensor in head.state_dict().values()]
    return LanguageHead(*weights).tensors()


def _taught_vectors(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """The checkpoint's own vectors [n, d]; long texts together, so that little is padded."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.empty((len(texts), encoder.dimension), np.float32)
    for start in tqdm(range(0, len(texts), TEACHING), desc="texts", leave=False):
        rows = order[start : start + TEACHING]
        vectors[rows] = encoder.encode_english([texts[row] for row in rows])
    return vectors


def _some(captions: Sequence[str], seed: int) -> tuple[str, ...]:
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(captions))[:MOST_CAPTIONS]
    return tuple(captions[number] for number in sorted(chosen.tolist()))


def _in_templates(phrases: Sequence[str], templates: Sequence[str]) -> list[str]:
    return [template.format(phrase) for phrase in phrases for template in templates]


def _pairs(phrases: Sequence[str], seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [str(rng.choice(LINKS)).format(*rng.choice(phrases, 2)) for _ in range(PAIRS)]


def read_bank(file: Path) -> list[str]:
    """The phrases of a bank.

    Raises:
        BadArgument: it cannot be read.
    """
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return [row["phrase"].strip() for row in csv.DictReader(lines)]
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise BadArgument(f"The phrase bank {file} cannot be read: {error!r}.") from error
