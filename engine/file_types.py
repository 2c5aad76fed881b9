"""What a file is by its content: its name is a claim, and is held to it.

Signatures are those of the formats' own specifications; Office Open XML is looked into (ECMA-376 part 2, packages).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "tif": (b"II*\x00", b"MM\x00*"),
    "tiff": (b"II*\x00", b"MM\x00*"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "ofd": (b"PK\x03\x04",),
}
_PACKAGES: Mapping[str, str] = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_TEXTS = frozenset({"csv", "txt"})
_ENCODINGS = ("utf-8", "gb18030")
_MACROS = "vbaproject.bin"


def is_of_type(extension: str, content: bytes) -> bool:
    """Whether ``content`` is a file of the kind that ``extension`` (lower case, no dot) claims.

    Kinds that this module does not know are believed. Office files with macros are not what they claim to be.
    """
    if folder := _PACKAGES.get(extension):
        return _is_package(content, folder)
    if extension in _TEXTS:
        return _is_text(content)
    signatures = _SIGNATURES.get(extension)
    return signatures is None or content.startswith(signatures)


def _is_package(content: bytes, folder: str) -> bool:
    """Only the list of entries is read, so that nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = [name.lower() for name in package.namelist()]
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return False
    return (
        "[content_types].xml" in names
        and any(name.startswith(folder) for name in names)
        and not any(name.endswith(_MACROS) for name in names)
    )


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(content, "utf-16")
    return b"\x00" not in content and any(_decodes(content, encoding) for encoding in _ENCODINGS)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
