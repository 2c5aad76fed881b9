"""All rows, in the order of the page."""

from __future__ import annotations

from tests.kernel.support.activity_rows import ACTIVITY_ROWS
from tests.kernel.support.event_rows import EVENT_ROWS
from tests.kernel.support.flow_rows import FLOW_ROWS

ROWS = (*FLOW_ROWS, *ACTIVITY_ROWS, *EVENT_ROWS)
