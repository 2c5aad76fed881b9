"""Sancha over HTTP and on the command line: settings, logs, REST resources and pages."""
