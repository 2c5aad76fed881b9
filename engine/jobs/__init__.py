"""Everything that happens later or elsewhere: claim due jobs, run them, retry them; messages; the tick."""
