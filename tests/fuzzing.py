"""How many random examples a property gets: few in `make test`, many more in `make fuzz`."""

import os


def examples(few: int) -> int:
    """`few`, times FUZZ_TIMES of the environment."""
    return few * int(os.environ.get("FUZZ_TIMES", "1"))
