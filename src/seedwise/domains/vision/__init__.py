"""Image classification (and any other classifier of fixed-size inputs).

`vision` names the data sets, models and forget sets; torch is imported when a problem is made.
"""

from __future__ import annotations

from seedwise.domains.vision.domain import VisionDomain

__all__ = ["vision"]

vision = VisionDomain()
