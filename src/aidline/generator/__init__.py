"""Plausible situations of any size, for trying out, teaching and measuring.

Open `make.py` first. Nothing here describes a real place or event.
"""

from __future__ import annotations

from aidline.generator.make import SIZES, generate

__all__ = ["SIZES", "generate"]
