"""The subcommands of ``sancha``, one file each: ``register`` adds its arguments, ``run`` does the work."""
