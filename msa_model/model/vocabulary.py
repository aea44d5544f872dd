"""What a text encoder's tokenizer can read."""

from __future__ import annotations

import json
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MULTILINGUAL_SHARE = 0.12  # of the pieces; in BERT's English vocabulary 5 % are letters of other scripts
_END_OF_WORD = "</w>"  # as CLIP's tokenizer writes it


class Vocabulary:
    """The pieces of a tokenizer: words for WordPiece and SentencePiece, bytes for byte-level BPE."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def unknown_share(self, text: str) -> float:
        """The share of pieces that tell the encoder nothing: unknown ones, and fragments of a character."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return sum(map(self._is_unknown, ids)) / len(ids) if ids else 1.0

    def unread(self, text: str) -> str:
        """What of a text lies beyond the encoder's limit; empty where it reads all of it."""
        found = self._tokenizer.encode(text)
        if not found.overflowing:
            return ""
        pairs = zip(found.offsets, found.special_tokens_mask, strict=True)
        return text[max((end for (_, end), special in pairs if not special), default=0) :].strip()

    def is_whole(self, word: str) -> bool:
        """Whether a word is one piece."""
        return sum(self._tokenizer.encode(word, add_special_tokens=False).attention_mask) == 1

    @cached_property
    def is_latin_only(self) -> bool:
        """Whether there are next to no words in other scripts."""
        words = [self._letters(piece) for piece in self._tokenizer.get_vocab()]
        words = [letters for letters in words if letters]
        return sum(not is_latin(word) for word in words) <= _MULTILINGUAL_SHARE * len(words)

    def _letters(self, piece: str) -> str:
        return "".join(c for c in self._readable(piece) or "" if c.isalpha())

    def _is_unknown(self, number: int) -> bool:
        return number == self._unknown or self._readable(self._tokenizer.id_to_token(number) or "") is None

    def _readable(self, piece: str) -> str | None:
        """The text of a piece; None for bytes that are no whole character."""
        if not self._is_byte_level:
            return piece
        try:
            return bytes(_BYTE_OF.get(c, ord("?")) for c in piece.removesuffix(_END_OF_WORD)).decode()
        except UnicodeDecodeError:
            return None

    @cached_property
    def _description(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._tokenizer.to_str())
        return found

    @cached_property
    def _unknown(self) -> int | None:
        model = self._description["model"]
        if isinstance(model, dict) and model["type"] == "Unigram":
            return model["unk_id"]  # type: ignore[no-any-return]
        piece = getattr(self._tokenizer.model, "unk_token", None)
        return None if piece is None else self._tokenizer.token_to_id(piece)

    @cached_property
    def _is_byte_level(self) -> bool:
        return "ByteLevel" in json.dumps(self._description.get("pre_tokenizer"))


def is_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin; true without letters."""
    letters = [c for c in text if c.isalpha()]
    foreign = [c for c in letters if "LATIN" not in unicodedata.name(c, "")]
    return 2 * len(foreign) <= len(letters)


def is_in(text: str, scripts: tuple[str, ...]) -> bool:
    """Whether at least half of the letters are of scripts, named as Unicode names characters."""
    letters = [c for c in text if c.isalpha()]
    return 2 * sum(unicodedata.name(c, "").startswith(scripts) for c in letters) >= len(letters)


def _byte_characters() -> dict[str, int]:
    """The character that stands for each byte in byte-level BPE (Radford et al., GPT-2)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


_BYTE_OF = _byte_characters()
