"""The subcommands of `ruta`, one module each."""
