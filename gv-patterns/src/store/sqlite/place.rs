//! Whether a file lies where SQLite's locks hold.

use std::path::Path;

/// File systems of other machines, on which locks and shared memory cannot be relied on.
const NETWORK: [&str; 14] = [
    "afs",
    "cifs",
    "coda",
    "davfs",
    "fuse.davfs2",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
    "smb2",
];

/// The kind of network file system that a path lies on; `None` where it lies on none, or nothing says so.
pub(super) fn network_file_system(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let kind = kind_of(&std::fs::read_to_string("/proc/self/mountinfo").ok()?, &folder)?;
    NETWORK.contains(&kind.as_str()).then_some(kind)
}

/// The kind of file system at a folder, by Linux's list of mounts (proc(5), `mountinfo`); the last of those at the deepest
/// place hides the others.
fn kind_of(mounts: &str, folder: &Path) -> Option<String> {
    let mut found: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let (left, right) = line.split_once(" - ")?;
        let place = left.split(' ').nth(4)?.replace("\\040", " ").replace("\\011", "\t");
        let depth = Path::new(&place).components().count();
        if folder.starts_with(&place) && found.is_none_or(|(deepest, _)| depth >= deepest) {
            found = Some((depth, right.split(' ').next()?));
        }
    }
    found.map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw - proc proc rw
40 22 0:44 / /mnt/team\\040share rw,relatime shared:1 - nfs4 server:/ads rw
41 40 8:2 / /mnt/team\\040share/local rw - xfs /dev/sdb rw
42 22 0:45 / /data rw - ext4 /dev/sdc rw
43 22 0:46 / /data rw - cifs //server/data rw
";

    #[test]
    fn the_deepest_and_latest_mount_is_the_one() {
        let kind = |path: &str| kind_of(MOUNTS, Path::new(path));
        assert_eq!(kind("/home/ann").as_deref(), Some("ext4"));
        assert_eq!(kind("/mnt/team share/ads").as_deref(), Some("nfs4"));
        assert_eq!(kind("/mnt/team share/local/ads").as_deref(), Some("xfs"));
        assert_eq!(kind("/data").as_deref(), Some("cifs"));
        assert_eq!(kind("/database").as_deref(), Some("ext4"), "whole names count");
        assert_eq!(kind_of("nonsense", Path::new("/")), None);
    }

    #[test]
    fn a_local_folder_is_no_network() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(network_file_system(&folder.path().join("store.db")), None);
        assert_eq!(network_file_system(Path::new("/nowhere/store.db")), None);
    }
}
