"""Screens for uploaded files: a command of the house, such as a virus scanner, or a function."""

from __future__ import annotations

import importlib
import shlex
import subprocess
from dataclasses import dataclass

from engine.documents import Screen
from engine.errors import Unavailable

CLEAN, REFUSED = 0, 1
SECONDS = 60.0
_FUNCTION = "python:"


@dataclass(frozen=True, slots=True)
class CommandScreen:
    """Runs ``command`` with the file on its standard input: exit code 0 is clean, 1 refuses the file (the first line
    that it writes is the reason), anything else means that it could not tell, and so does no answer in ``seconds``.

    The file's name is not given to the command: it comes from outside.
    """

    command: tuple[str, ...]
    seconds: float = SECONDS

    def __call__(self, name: str, content: bytes) -> str | None:
        """See `engine.documents.Screen`."""
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, nothing of the upload is in it
                self.command, input=content, capture_output=True, timeout=self.seconds, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise Unavailable(f"Files cannot be checked now: {type(problem).__name__}.") from problem
        if done.returncode == CLEAN:
            return None
        said = done.stdout.decode("utf-8", "replace").strip().split("\n")[0].strip()
        if done.returncode == REFUSED:
            return said or "the check of uploaded files refused it"
        raise Unavailable(f"Files cannot be checked now: the check ended with {done.returncode}.")


def read_screen(setting: str) -> Screen:
    """The screen that a setting names: a command line, or ``python:module:function``.

    Raises ValueError, whose message completes "expected ...".
    """
    if not setting.startswith(_FUNCTION):
        try:
            command = tuple(shlex.split(setting))
        except ValueError:
            raise ValueError("a command line with closed quotes") from None
        if not command:
            raise ValueError("a command line")
        return CommandScreen(command)
    module, _, name = setting.removeprefix(_FUNCTION).partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise ValueError("python:module:function of a function that can be imported") from None
    if not callable(found):
        raise ValueError("python:module:function of a function")
    screen: Screen = found
    return screen
