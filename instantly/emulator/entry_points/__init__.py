"""Entry points to the emulator: requests adapter, HTTP server, control API, process, files."""
