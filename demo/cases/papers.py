"""Small real documents: letters (PDF), pictures of a site (PNG), tables (CSV), notes. The same for the same words."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

_WIDTH, _HEIGHT = 240, 150
_FONT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 6 0 R "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /W [1 95 500] >>"
)
_FONT_METRICS = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
    b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)
Colour = tuple[int, int, int]
_LIGHTS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((126, 178, 226), (226, 240, 250), (118, 146, 88)),
    ((150, 168, 190), (222, 226, 230), (132, 122, 104)),
    ((244, 184, 120), (252, 232, 204), (104, 112, 78)),
)
"""Sky above, sky at the horizon, ground: a clear day, a dull one, an evening."""


def letter(title: str, lines: Sequence[str]) -> bytes:
    """A PDF of one page (A4) with ``title`` and ``lines``, Chinese included.

    The font is one of the standard ones for Chinese that PDF viewers bring along (ISO 32000-1, 9.7.5.2), so that none
    has to be embedded.
    """
    written = [_line(72, 760, 18, title)]
    written += [_line(72, 716 - 24 * number, 12, text) for number, text in enumerate(lines)]
    content = "\n".join(written).encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R /Resources << /Font << /F 4 0 R>>>>>>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>",
        _FONT,
        _FONT_METRICS,
        f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
    )
    return _file(objects)


@lru_cache(maxsize=16)
def picture(seed: int) -> bytes:
    """A PNG of a building site under one of three lights: ground, hills, a row of masts. ``seed`` from 0."""
    above, horizon, ground = _LIGHTS[seed % len(_LIGHTS)]
    hill = 18 + 7 * (seed % 5)
    edges = [96 - hill * max(0, 1 - abs(x - 40 * (seed % 6) - 20) / 90) for x in range(_WIDTH)]
    rows = []
    for y in range(_HEIGHT):
        sky, soil = bytes(_mixed(above, horizon, y / 96)), bytes(_mixed(ground, (60, 64, 52), (y - 80) / 120))
        rows.append(bytearray(b"\x00" + b"".join(sky if y < edge else soil for edge in edges)))
    for mast in range(2 + seed % 3):
        _mast(rows, 36 + mast * 62 + seed % 11, 52 + 6 * (mast % 2))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def table(rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV file in UTF-8 with a byte order mark, as spreadsheet programs expect it."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def note(text: str) -> bytes:
    """A plain text file in UTF-8."""
    return (text.strip() + "\n").encode()


def _line(x: int, y: int, size: int, text: str) -> str:
    return f"BT /F {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex().upper()}> Tj ET"


def _file(objects: Sequence[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(written)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    part = min(max(share, 0.0), 1.0)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _mast(rows: list[bytearray], x: int, top: int) -> None:
    for y in range(top, 112):
        for column in (x, x + 1):
            _dot(rows, column, y)
    for reach in range(22):
        _dot(rows, x - reach, top + reach // 2)
        _dot(rows, x + reach, top + reach // 3)
        _dot(rows, x, top - reach)


def _dot(rows: list[bytearray], x: int, y: int) -> None:
    if 0 <= x < _WIDTH and 0 <= y < _HEIGHT:
        rows[y][1 + 3 * x : 4 + 3 * x] = b"\xf4\xf5\xf6"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
