"""Whoever runs a command on the server itself: the audit trail names the account of the operating system."""

from __future__ import annotations

import getpass
import os

from engine.access import Principal

HEAD_OFFICE = "HQ"


def operator(role: str) -> Principal:
    """The operator with ``role``, which access to the server and its keys amounts to."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # a container's account need not have a name
        account = str(os.getuid())
    return Principal(f"operator:{account}", frozenset({(role, HEAD_OFFICE)}))
