"""The `tallystick` command line: thin doors, one module per command."""
