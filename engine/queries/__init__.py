"""Read models: what one may see, as frozen dataclasses, with the permission inside the query."""
