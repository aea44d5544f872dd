from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Progress


@dataclass
class Outcomes:
    """What became of calls, in the order of arrival."""

    done: list[tuple[Any, bytes]] = field(default_factory=list)
    failed: list[MsaError] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.done) + len(self.failed)

    def keep(self, value: object, attachment: bytes) -> None:
        self.done.append((value, attachment))
