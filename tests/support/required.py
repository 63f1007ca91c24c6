"""What a machine may lack: a test is skipped there, and fails where the thing is required by name."""

import os
from typing import NoReturn

import pytest


def missing(name: str, reason: str) -> NoReturn:
    """End a test. name: the variable (NAMESPACES, LANDLOCK, NODEJS…) that `.ci/run` sets to « required »."""
    if os.environ.get(name) == "required":
        pytest.fail(f"{name}=required, and {reason}")
    pytest.skip(reason)
