"""Launcher behind `make run`, `make stop` and `make clean`."""
