"""A file system that is soon full, for the data of one worker; needs root."""

import subprocess
from pathlib import Path


def mount_small_disk(folder: Path, megabytes: int) -> Path:
    """Put it at this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    return folder


def unmount(folder: Path) -> None:
    """Take it away."""
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
