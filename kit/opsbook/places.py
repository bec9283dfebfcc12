"""Where the kit's own files lie."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
#: In the wheel the shipped folders lie inside the package, in a checkout beside kit/.
SHIPPED = PACKAGE / "shipped" if (PACKAGE / "shipped").is_dir() else PACKAGE.parents[1]
