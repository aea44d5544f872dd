"""Random models of published architectures, small enough for a test, saved as Hugging Face saves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from msa_model.model.backbone import declare_vision_operators

WIDTH = 32
CORPUS = (
    "a bridge over a wide river with many white boats near the old town and a car park",
    "dense green forest beside a small lake, several planes at an airport, dark buildings in rows",
)
BERT_MARKERS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_MARKERS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
CLIP_MARKERS = ["<|startoftext|>", "<|endoftext|>"]
TEXT_KINDS = ("bert", "distilbert", "roberta", "mpnet", "modernbert")


def text_encoder(folder: Path, kind: str = "bert", seed: int = 0) -> Path:
    """A text encoder of two layers, with a tokenizer and a padding id of its architecture's kind."""
    declare_vision_operators()
    from transformers import AutoConfig, AutoModel

    bytewise = kind in ("roberta", "modernbert")
    tokenizer = bytewise_tokenizer(ROBERTA_MARKERS, "<s>", "</s>") if bytewise else word_tokenizer()
    settings: dict[str, Any] = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 40,
        "pad_token_id": tokenizer.token_to_id("<pad>" if bytewise else "[PAD]"),
    }
    if kind == "distilbert":
        settings |= {"dim": WIDTH, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    if kind == "modernbert":
        settings |= {"cls_token_id": 0, "sep_token_id": 2, "bos_token_id": 0, "eos_token_id": 2}
    torch.manual_seed(seed)
    AutoModel.from_config(AutoConfig.for_model(kind, **settings)).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def clip(folder: Path, seed: int = 0, image_size: int = 32, dimension: int = 24) -> Path:
    """openai/clip-vit-base-patch32 in small: two layers a side, patches of 8 px."""
    declare_vision_operators()
    from transformers import CLIPConfig, CLIPModel

    tokenizer = bytewise_tokenizer(CLIP_MARKERS, *CLIP_MARKERS, lower=True)
    start, end = map(tokenizer.token_to_id, CLIP_MARKERS)
    layers = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    text = layers | {
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": 20,
        "bos_token_id": start,
        "eos_token_id": end,
        "pad_token_id": end,
    }
    vision = layers | {"image_size": image_size, "patch_size": 8}
    torch.manual_seed(seed)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=dimension))
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    pixels = {
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "size": {"shortest_edge": image_size},
        "crop_size": {"height": image_size, "width": image_size},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels), encoding="utf-8")
    return folder


def word_tokenizer(corpus: tuple[str, ...] = CORPUS) -> Tokenizer:
    """BERT's kind: lower-cased words and their pieces."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=BERT_MARKERS[1]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        corpus, trainers.WordPieceTrainer(vocab_size=300, special_tokens=BERT_MARKERS, show_progress=False)
    )
    first, last = (tokenizer.token_to_id(marker) for marker in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", first), ("[SEP]", last)]
    )
    return tokenizer


def bytewise_tokenizer(markers: list[str], first: str, last: str, *, lower: bool = False) -> Tokenizer:
    """RoBERTa's and CLIP's kind: byte pairs, nothing unknown. CLIP's lowers, and its markers come last."""
    tokenizer = Tokenizer(models.BPE())
    if lower:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[] if lower else markers,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(markers)
    special = [(marker, tokenizer.token_to_id(marker)) for marker in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=special
    )
    return tokenizer
