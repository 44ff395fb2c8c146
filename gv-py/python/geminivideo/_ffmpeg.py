"""The ffmpeg program of last resort."""

from __future__ import annotations


def bundled() -> str | None:
    """Path of the program that the ``imageio-ffmpeg`` package carries, if it carries one here.

    The native code asks only where ``GV_FFMPEG`` is not set and ``PATH`` has no ffmpeg of version
    5.1 or later.
    """
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None
