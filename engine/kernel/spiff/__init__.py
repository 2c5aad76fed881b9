"""SpiffWorkflow beside the token machine: its schema check for every model, its runtime for models that choose it."""

from __future__ import annotations
