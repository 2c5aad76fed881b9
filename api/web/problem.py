"""What stops a build."""

from __future__ import annotations


class BuildProblem(Exception):
    """The pages cannot be built; the message is one line for the person who started the build."""
