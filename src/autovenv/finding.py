"""What a check of ``doctor`` found."""

from __future__ import annotations

from enum import Enum

from autovenv.record import record


class Result(Enum):
    """How a check came out. NOTE is worth a look and no failure."""

    OK = "ok"
    NOTE = "note"
    FAIL = "fail"


@record
class Finding:
    """One finding. ``fact`` and ``remedy`` are escaped; ``remedy`` is never empty unless the result is OK."""

    check: str
    result: Result
    fact: str
    remedy: str = ""
