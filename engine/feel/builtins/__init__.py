"""The built-in functions of FEEL (DMN 1.5, 10.3.4), one file per family."""

from __future__ import annotations

from engine.feel.builtins import contexts, conversions, instants, lists, numbers, ranges, statistics, strings
from engine.feel.builtins.registry import BUILTINS

FAMILIES = (contexts, conversions, instants, lists, numbers, ranges, statistics, strings)
"""The modules that declare functions; importing them fills `BUILTINS`."""

__all__ = ["BUILTINS", "FAMILIES"]
