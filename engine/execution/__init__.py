"""From a stimulus to rows: lock the root, advance its state, write what happened. Used by commands and jobs."""
