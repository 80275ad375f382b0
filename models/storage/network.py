"""Refuses to keep the embedded file on a network file system, where its write-ahead log can lose or break it.

Source: https://sqlite.org/wal.html, "All processes using a database must be on the same host computer; WAL does not
work over a network filesystem." Only Linux says what is mounted where; elsewhere nothing is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from models.errors import StoreError

MOUNTS = Path("/proc/self/mounts")
NETWORK = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|davfs|gfs2?|ocfs2"
    r"|fuse\.(sshfs|ceph.*|glusterfs|davfs2?|rclone|s3fs|smbnetfs|curlftpfs|gcsfuse)"
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


def refuse_network(folder: Path) -> None:
    """Do nothing on a local disk, and where it cannot be known.

    Parameters
    ----------
    folder : where the embedded file is or will be; need not exist

    Raises
    ------
    StoreError : the folder is on a network file system; says what to do instead
    """
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = file_system(folder.resolve(), mounts)
    if kind is not None and NETWORK.fullmatch(kind):
        raise StoreError(
            f"{folder} is on a network file system ({kind}). The embedded database needs a local disk: over a network "
            "its log can be lost or broken. Point CITYHEX_HOME at a local disk, or keep the tables in a PostGIS "
            "database with CITYHEX_DB."
        )


def file_system(path: Path, mounts: str) -> str | None:
    """Kind of the file system an absolute path is on, by the text of /proc/self/mounts; None where none fits.

    The longest mount point that holds the path decides, of equals the last, which lies over the others.
    """
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_ESCAPE.sub(lambda code: chr(int(code[1], 8)), fields[1]))
        depth = len(point.parts)
        if path.is_relative_to(point) and (found is None or depth >= found[0]):
            found = depth, fields[2]
    return None if found is None else found[1]
