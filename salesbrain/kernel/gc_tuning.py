"""How often Python looks for cycles of objects, in processes that make many objects and hardly any cycle."""

import gc

LOOKED_AFTER = 50_000
"""Objects made and not let go of; Python's own is 700. A batch of the worker makes about 8,000, a page of campaigns 6,000."""


def look_seldom() -> None:
    """For the rest of the process. What is imported by now stays and is not looked through again. Call once, at its start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKED_AFTER)
