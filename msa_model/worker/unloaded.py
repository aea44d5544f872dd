"""What is left of the worker when its model could not be loaded."""

from __future__ import annotations

from typing import NoReturn

from msa_model.protocol.errors import MsaError
from msa_model.protocol.rpc import Request


class WithoutModel:
    """Refuses every request with the error that kept the model from loading."""

    def __init__(self, reason: MsaError) -> None:
        self._reason = reason

    def knows(self, method: str) -> bool:
        """Every method is refused for the same reason."""
        return True

    def answer(self, request: Request) -> NoReturn:
        """Raises the reason."""
        raise self._reason

    def is_long(self, method: str) -> bool:
        """Nothing gets as far as a first step."""
        return False

    def is_brief(self, method: str) -> bool:
        """Nothing gets as far as a first step."""
        return False

    def steps(self, request: Request, draw: object) -> NoReturn:
        """Raises the reason."""
        raise self._reason
