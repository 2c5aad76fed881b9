"""From the graph of a file to its compiled definitions; what cannot be compiled is reported, not raised."""

from __future__ import annotations
