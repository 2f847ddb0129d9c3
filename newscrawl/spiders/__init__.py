"""One file a source. A folder `spiders` in the working directory belongs to it: a user's own sources, which no upgrade touches."""

import contextlib
from pathlib import Path

with contextlib.suppress(OSError):  # the working directory may be gone
    _own = str(Path("spiders").absolute())
    if _own not in __path__:
        __path__.insert(0, _own)  # first: a source that comes with an upgrade does not replace a user's own
