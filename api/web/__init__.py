"""The part of the pages that runs in the browser: sources in `src`, built into `dist` by `api.web.build`."""
