"""Exception of the launcher behind `make run`."""


class RunError(Exception):
    """Error: why `make run` cannot go on and what to do next, in one line."""
