"""Builds the browser bundles and the catalogs before the project is packed or linked (hatchling's build hook)."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling fills the parameter in
    """Runs `api.web.build`, which does nothing when nothing has changed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, or stop the build with one line; ``version`` is that of the build (standard, editable)."""
        sys.path.insert(0, self.root)
        try:
            from api.web.build import build
            from api.web.problem import BuildProblem
        finally:
            sys.path.remove(self.root)
        try:
            for line in build():
                self.app.display_info(line)
        except BuildProblem as problem:
            self.app.abort(f"Cannot build the pages: {problem}")
