"""A home on a network file system is refused, a local one never."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import StoreError
from models.storage import network
from models.storage.network import file_system, refuse_network
from models.store import Store

MOUNTS = r"""overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
/dev/sda1 /data ext4 rw 0 0
server:/export /data/shared nfs4 rw,vers=4.2 0 0
//nas/city /mnt/the\040city cifs rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
C:\134 /mnt/c 9p rw 0 0
/dev/sdb1 /data/shared/local ext4 rw 0 0
tmpfs /mnt/ssh tmpfs rw 0 0
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/x", "overlay"),
        ("/data", "ext4"),
        ("/data/shared/city", "nfs4"),
        ("/data/sharedness", "ext4"),
        ("/data/shared/local/city", "ext4"),
        ("/mnt/the city/a", "cifs"),
        ("/mnt/c/a", "9p"),
        ("/mnt/ssh/a", "tmpfs"),
    ],
)
def test_the_deepest_and_last_mount_decides(path, kind):
    assert file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"])
def test_a_store_on_a_network_disk_is_refused_with_the_way_out(tmp_path, monkeypatch, settings, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"overlay / overlay rw 0 0\nserver:/x {tmp_path.resolve()} {kind} rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(network, "MOUNTS", mounts)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"network file system \({kind}\).*CITYHEX_HOME.*CITYHEX_DB"):
            Store.open("city", settings, read_only=read_only)
    assert not settings.home.exists()


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "apfs", "fuseblk", "virtiofs"])
def test_a_local_disk_is_taken(tmp_path, monkeypatch, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"x {tmp_path.resolve()} {kind} rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(network, "MOUNTS", mounts)
    refuse_network(tmp_path / "home" / "city")


def test_where_nobody_says_what_is_mounted_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(network, "MOUNTS", tmp_path / "absent")
    refuse_network(tmp_path)
