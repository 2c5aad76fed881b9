"""The deployment check for designers: a set of files, the house's configuration, and what is said about them."""
