"""Reference data, never copied here: read from ../shared/data or WM_DATA, else skipped."""

import os
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("WM_DATA") or ROOT.parent / "shared" / "data")


def reference_files(folder, *patterns):
    """Return the files of a folder as parameters; one skipped parameter when it is absent."""
    found = sorted(p for pattern in patterns for p in (DATA / folder).rglob(pattern))
    if found:
        return found
    reason = f"données de référence absentes : ../shared/data/{folder}"
    return [pytest.param(Path("absent"), marks=pytest.mark.skip(reason=reason))]
