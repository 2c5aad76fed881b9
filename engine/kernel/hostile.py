"""The gate before every XML parser: hostile documents are refused by size, prolog, depth and shape.

One pass of expat with no entity or external handler at all. It stops at the first offence, so a document that would
blow up a parser is refused before one sees it. It also notes where each element begins, which lxml does not know to
the column.

Refused: more bytes, elements or nesting than a model needs, a start tag or text of excessive length, too many
attributes, any document type (and with it all entities, internal and external), encodings other than UTF-8, UTF-16
and ISO 8859-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from engine.kernel.findings import Finding, ModelRefused, Severity

MAX_BYTES = 10_000_000
MAX_DEPTH = 100
MAX_TAGS = 150_000
"""Start and end tags; a drawn model of 8,000 tasks has that many."""
MAX_ATTRIBUTES = 100
MAX_RUN = 500_000
"""Bytes between two ``<``: the longest start tag or text."""

_ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file that has no element, or none yet."""

    line: int = 0
    column: int = 0
    owner: str = ""
    title: str = ""


def positions(xml: bytes, *, file: str, max_bytes: int = MAX_BYTES) -> list[tuple[int, int]]:
    """Line and column, both from 1, of every start tag in document order.

    Raises `ModelRefused` with one finding when the document is hostile or not well formed.
    """
    if len(xml) > max_bytes:
        _refuse(file, Spot(), "xml/too-large", f"the file has {len(xml):,} bytes, at most {max_bytes:,} are allowed")
    if xml.count(b"<") > MAX_TAGS:
        _refuse(file, Spot(), "xml/too-many", f"the file has more than {MAX_TAGS:,} tags")
    if _has_long_run(xml):
        _refuse(file, Spot(), "xml/too-long", f"a tag or a text is longer than {MAX_RUN:,} bytes")
    return _Scan(file).run(xml)


def _has_long_run(xml: bytes) -> bool:
    at = 0
    while len(xml) - at > MAX_RUN:
        at = xml.rfind(b"<", at + 1, at + 1 + MAX_RUN)
        if at < 0:
            return True
    return False


class _Scan:
    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[tuple[int, int]] = []
        self.depth = 0
        self.parser = parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def run(self, xml: bytes) -> list[tuple[int, int]]:
        try:
            self.parser.Parse(xml, True)
        except expat.ExpatError as problem:
            text = expat.ErrorString(problem.code) or "not well-formed"
            spot = Spot(problem.lineno, problem.offset + 1)
            _refuse(self.file, spot, "xml/malformed", f"the file is not well-formed XML: {text}")
        except (UnicodeError, LookupError) as problem:
            _refuse(self.file, Spot(1, 1), "xml/encoding", f"the file cannot be decoded: {problem}")
        return self.found

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "").lower() not in _ENCODINGS:
            self._stop("xml/encoding", f"the encoding {encoding!r} is not read; save the file as UTF-8")

    def _doctype(self, *_: object) -> None:
        self._stop("xml/doctype", "a document type (DTD) is not allowed: it can define entities and load files")

    def _start(self, _name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._stop("xml/too-deep", f"elements are nested deeper than {MAX_DEPTH} levels")
        if len(attributes) > MAX_ATTRIBUTES:
            self._stop("xml/too-many", f"an element has more than {MAX_ATTRIBUTES} attributes")
        self.found.append((self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1))

    def _end(self, _name: str) -> None:
        self.depth -= 1

    def _stop(self, rule: str, message: str) -> NoReturn:
        spot = Spot(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        _refuse(self.file, spot, rule, message)


def _refuse(file: str, spot: Spot, rule: str, message: str) -> NoReturn:
    raise ModelRefused((Finding(rule, Severity.ERROR, file, spot.line, spot.column, "", "", message),))
