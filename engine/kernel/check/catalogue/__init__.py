"""The rules of the deployment check as data, one module per subject; `engine.kernel.check.rules` joins them."""
