"""The catalogs of one language (`zh/inbox.po`, `zh/tasks.po`, ...), merged into the one file that Babel loads."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from api.web.problem import BuildProblem

Key = tuple[str | None, str | tuple[str, ...]]


def compile_all(translations: Path) -> list[str]:
    """Write `<language>/LC_MESSAGES/messages.mo` of every language with catalogs; returns a line for each one written.

    Raises `BuildProblem` when a catalog cannot be read, or when two of them translate one text differently.
    """
    written = []
    for folder in sorted(path for path in translations.glob("*") if path.is_dir()):
        if not (sources := sorted(folder.glob("*.po"))):
            continue
        merged = merge(folder.name, sources)
        buffer = io.BytesIO()
        write_mo(buffer, merged)
        target = folder / "LC_MESSAGES" / "messages.mo"
        if target.is_file() and target.read_bytes() == buffer.getvalue():
            continue
        target.parent.mkdir(exist_ok=True)
        fresh = target.with_suffix(".new")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(target)
        written.append(f"{folder.name}: {len(merged)} texts from {len(sources)} catalogs")
    return written


def merge(language: str, sources: list[Path]) -> Catalog:
    """All texts of the catalogs in one; the same text may stand in several as long as they agree."""
    merged = Catalog(locale=language, fuzzy=False)
    origins: dict[Key, tuple[Path, Message]] = {}
    for path in sources:
        for message in _messages(language, path):
            # Split by Babel when it has a plural; both forms are one text.
            key: Key = (message.context, message.id if isinstance(message.id, str) else tuple(message.id))
            if (known := origins.get(key)) is None:
                origins[key] = (path, message)
                merged.add(message.id, message.string, context=message.context)
            elif known[1].string != message.string:
                raise BuildProblem(
                    f"{known[0].name} and {path.name} translate {_shown(message.id)} differently: "
                    f"{_shown(known[1].string)} and {_shown(message.string)}"
                )
    return merged


def _messages(language: str, path: Path) -> list[Message]:
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as problem:
        raise BuildProblem(f"{path.name} cannot be read: {' '.join(str(problem).split())}") from None
    # The header is a message without id; a fuzzy translation is a guess, and guesses are not shown.
    return [message for message in catalog if message.id and message.string and not message.fuzzy]


def _shown(text: object) -> str:
    return " / ".join(repr(part) for part in (text if isinstance(text, list | tuple) else [text]))
