"""Uploaded pictures on paper: made small, and never trusted."""

from __future__ import annotations

import base64
import warnings
from io import BytesIO

from PIL import Image, UnidentifiedImageError

MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
LONGEST_SIDE = 1_600
"""Pixels: enough for an A4 page at 200 dpi."""
QUALITY = 80
UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises for files that are no pictures, are broken, or would fill the memory."""


def is_picture(media_type: str) -> bool:
    """Whether a file says that it is a picture which can be printed."""
    return media_type in MEDIA_TYPES


def picture_address(content: bytes) -> str:
    """A picture as a ``data:`` address of a small JPEG; empty where it cannot be read or would be too large.

    Decoding and encoding it anew leaves behind whatever else is in the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content))
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _jpeg(picture.convert("RGB"))
    except UNREADABLE:
        return ""


def _jpeg(picture: Image.Image) -> str:
    written = BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode()}"
