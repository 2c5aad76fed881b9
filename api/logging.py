"""Logs: one JSON object a line on standard error, UTC times, case and task bound, no personal data.

Records of the standard library (Flask, waitress, APScheduler, Alembic and others) take the same way out.
ASVS 5.0, chapter 16: times in UTC, no personal data and no secrets in logs.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import ExcInfo, Processor

REDACTED = "[redacted]"
WITHHELD = "[withheld: may carry values of a row]"

# What customers and staff enter, and what lets somebody in. Compared in lower case, without "-" and "_".
_PERSONAL = frozenset(
    {
        *(
            "name",
            "fullname",
            "displayname",
            "clientname",
            "contact",
            "phone",
            "mobile",
            "email",
            "address",
            "birthday",
        ),
        *("idnumber", "idcard", "bankaccount", "accountnumber"),
        *("variables", "values", "payload", "form", "formdata", "data", "draft", "comment", "body", "json", "document"),
    }
)
_SECRET_PARTS = ("password", "secret", "token", "authorization", "cookie", "apikey", "privatekey", "signature")
# Fencing and correlation aids that end like a secret but open nothing.
_HARMLESS = frozenset({"fencingtoken", "tokenid"})

# These log bound SQL values, requested addresses (which may be signed), a line per tick, or a line per connection.
_QUIET = ("sqlalchemy", "httpx", "httpcore", "apscheduler", "alembic.runtime", "waitress.queue")
# Messages of database drivers repeat the values of the row at fault.
_VALUES_IN_MESSAGES = ("sqlalchemy.", "psycopg.", "sqlite3")
_DEEPEST = 6


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (default: standard error). May be called again.

    `level` is one of the values of `SANCHA_LOG_LEVEL`. Python warnings are logged too.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _describe_exception,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


def log(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; pass `__name__`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bound(**ids: object) -> AbstractContextManager[None]:
    """Bind ids to every line logged inside the `with` block by this thread of work.

    The names in use: `case` (root instance), `instance`, `task`, `job`, `request`, `user` (an id, never a name).
    """
    return structlog.contextvars.bound_contextvars(**{name: str(value) for name, value in ids.items()})


def redact(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Replace personal data and secrets by `[redacted]`, at any depth. A structlog processor."""
    for key in event:
        if key not in {"event", "exc_info"} and not key.startswith("_"):
            event[key] = REDACTED if _is_private(key) else _redacted(event[key], 1)
    return event


def _is_private(key: str) -> bool:
    folded = key.lower().replace("-", "").replace("_", "")
    if folded in _HARMLESS:
        return False
    return folded in _PERSONAL or any(part in folded for part in _SECRET_PARTS)


def _redacted(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        return REDACTED
    match value:
        case str() | bytes():
            return value
        case Mapping():
            return {
                str(key): REDACTED if _is_private(str(key)) else _redacted(item, depth + 1)
                for key, item in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_redacted(item, depth + 1) for item in value]
    return value


def _describe_exception(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Turn `exc_info` into types, messages and places, innermost cause last; local variables are never shown."""
    raised = _exception(event.pop("exc_info", None))
    if raised is None:
        return event
    chain: list[dict[str, object]] = []
    seen: set[int] = set()
    current: BaseException | None = raised
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        module = type(current).__module__
        private = module.startswith(_VALUES_IN_MESSAGES)
        chain.append(
            {
                "type": f"{module}.{type(current).__qualname__}",
                "message": WITHHELD if private else str(current),
                "frames": _frames(current.__traceback__),
            }
        )
        suppressed = current.__suppress_context__
        current = current.__cause__ or (None if suppressed else current.__context__)
    event["exception"] = chain
    return event


def _exception(exc_info: ExcInfo | BaseException | object) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as raised, _):
            return raised
        case None | False:
            return None
    return sys.exc_info()[1]


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
