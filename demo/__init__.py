"""Example data and stand-in counterparties for the demonstration and the tests; no part of a real installation."""
