"""JSON-RPC 2.0 messages; knows neither pipes nor methods' meanings."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from msa_model.protocol.codec import WHOLE_NUMBERS, from_wire, to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.frames import Frame
from msa_model.protocol.messages import WireError

INITIALIZE = "initialize"
PLAN = "index.plan"
BUILD = "index.build"
COVERAGE = "index.coverage"
LIST = "index.list"
DELETE = "index.delete"
MOVE = "index.move"
EXPORT = "index.export"
EXPLORE = "index.explore"
BATCH = "batch.run"
BATCH_PLAN = "batch.plan"
RANK = "search.rank"
VERDICT = "search.verdict"
HEATMAP = "search.heatmap"
WORDS = "search.words"
CHANGE = "change.rank"
CHANGE_HERE = "change.here"
CHANGE_HEATMAP = "change.heatmap"
CHANGE_DATES = "change.dates"
CHANGE_PAIR = "change.pair"
SERIES = "series.rank"
DESCRIBE = "tile.describe"
DESCRIBE_MANY = "tile.describe_many"
THUMBNAILS = "tile.thumbnails"
CHECK_MODEL = "model.check"
MEASURE = "engines.measure"
CALIBRATE_MODEL = "model.calibrate"
DRAW = "layer.draw"
SHUTDOWN = "shutdown"
READY = "ready"
FAILED = "failed"
PROGRESS = "$/progress"
CANCEL = "$/cancelRequest"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
APPLICATION_ERROR = -32000
REQUEST_CANCELLED = -32800

LONGEST_SENTENCE = 1000
_MOST_DIGITS = 20  # of any number in that range, with its sign

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call that wants an answer."""

    id: int
    method: str
    params: Json = field(default_factory=dict)
    attachment: bytes = b""
    size: int = field(default=0, compare=False)  # of its JSON as it came, in bytes


@dataclass(frozen=True)
class Notification:
    """A message that wants none."""

    method: str
    params: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The answer to request `id`."""

    id: int
    result: Json
    attachment: bytes = b""


@dataclass(frozen=True)
class Failure:
    """The refusal of request `id`; no id where the request could not be read."""

    id: Optional[int]
    code: int
    error: WireError


Incoming = Union[Request, Notification, Reply, Failure]


def to_frame(message: Incoming) -> Frame:
    """The message as a frame; halves of characters, as in file names that are no UTF-8, stay as they are.

    Raises:
        ValueError: a number is not finite.
    """
    body: Json = {"jsonrpc": "2.0"}
    if isinstance(message, (Request, Notification)):
        body.update(method=message.method, params=message.params)
    if isinstance(message, (Request, Reply, Failure)):
        body["id"] = message.id
    if isinstance(message, Reply):
        body["result"] = message.result
    if isinstance(message, Failure):
        body["error"] = {
            "code": message.code,
            "message": message.error.sentence,
            "data": to_wire(message.error),
        }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # What UTF-8 cannot spell, JSON can: "backslashreplace" writes a lone surrogate as JSON's own escape.
    return Frame(text.encode("utf-8", "backslashreplace"), getattr(message, "attachment", b""))


def from_frame(frame: Frame) -> Incoming:
    """The message in a frame.

    Raises:
        ProtocolError: the body is no JSON-RPC 2.0 message.
    """
    try:
        body = json.loads(frame.body, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"A message is not JSON: {frame.body[:80]!r}.") from error
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0":
        raise ProtocolError(f"A message is not JSON-RPC 2.0: {frame.body[:80]!r}.")
    if "method" in body:
        return _call(body, frame)
    if "error" in body:
        return _failure(body)
    return Reply(_id(body), _object(body, "result"), frame.attachment)


def failure_of(request_id: Optional[int], error: MsaError) -> Failure:
    """The failure that reports `error` to the peer."""
    codes = {"protocol": INVALID_PARAMS, "cancelled": REQUEST_CANCELLED, "internal": INTERNAL_ERROR}
    wire = WireError(error.kind, shortened(error.sentence), error.remedy)
    return Failure(request_id, codes.get(error.kind, APPLICATION_ERROR), wire)


def shortened(sentence: str) -> str:
    """A sentence without its middle, where it is too long to be shown."""
    half = LONGEST_SENTENCE // 2
    return sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[:half]} … {sentence[-half:]}"


def _whole_number(digits: str) -> Union[int, float]:
    """Infinity for what has too many digits, which the codec then refuses by the field's name."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def _call(body: Json, frame: Frame) -> Union[Request, Notification]:
    method = body["method"]
    if not isinstance(method, str):
        raise ProtocolError("A message's method is not a name.")
    params = _object(body, "params") if "params" in body else {}
    if "id" not in body:
        return Notification(method, params)
    return Request(_id(body), method, params, frame.attachment, len(frame.body))


def _failure(body: Json) -> Failure:
    error = _object(body, "error")
    code = error.get("code")
    request_id = body.get("id")
    if type(code) is not int or not (request_id is None or type(request_id) is int):
        raise ProtocolError("An error message lacks its code or id.")
    return Failure(request_id, code, from_wire(WireError, error.get("data")))


def _id(body: Json) -> int:
    found = body.get("id")
    if type(found) is not int or found not in WHOLE_NUMBERS:
        raise ProtocolError("A message's id is not a whole number.")
    return found


def _object(body: Json, key: str) -> Json:
    value = body.get(key)
    if not isinstance(value, dict):
        raise ProtocolError(f"A message's {key} is not an object.")
    return value
