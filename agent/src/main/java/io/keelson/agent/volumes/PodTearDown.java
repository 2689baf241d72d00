package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a pod's volumes away. What there is is read from the folders and from the kernel, so that it does not matter
 * who made it, or how far. Storage plugins get back what is theirs; then all mounts go; then, only when the kernel
 * says that nothing is mounted any more, the folders. What other volumes have on disk is never deleted through a
 * folder of a pod: folders where something is mounted by design must be empty by then.
 */
final class PodTearDown {
    private static final Logger LOG = LoggerFactory.getLogger(PodTearDown.class);
    /** Kinds whose files end with the pod. */
    private static final Set<String> OWN = Set.of(
            "kubernetes.io~" + EmptyDirs.PLUGIN,
            "kubernetes.io~configmap",
            "kubernetes.io~secret",
            "kubernetes.io~projected",
            "kubernetes.io~downward-api");

    private final VolumeFolders folders;
    private final NodeDisks disks;
    private final CsiReturns csi;

    PodTearDown(VolumeFolders folders, NodeDisks disks, CsiReturns csi) {
        this.folders = folders;
        this.disks = disks;
        this.csi = csi;
    }

    /**
     * Takes everything away.
     *
     * @throws VolumeException if something is in use, or a storage plugin does not take its volume back; to be repeated
     */
    void run(String podUid) throws VolumeException, IOException, InterruptedException {
        Set<String> given = Set.of();
        if (Files.isDirectory(folders.pod(podUid), LinkOption.NOFOLLOW_LINKS)) {
            given = removeAll(podUid);
        }
        for (Map.Entry<String, String> problem : release().entrySet()) {
            // Other pods' leftovers are not this one's business.
            if (given.contains(problem.getKey())) {
                throw new VolumeException("volume " + problem.getKey() + ": " + problem.getValue());
            }
        }
    }

    private Set<String> removeAll(String podUid) throws VolumeException, IOException, InterruptedException {
        unmountAll(folders.subPaths(podUid));
        Set<String> given = csi.unpublish(podUid);
        for (Path folder : folders.ours(podUid)) {
            unmountAll(folder);
        }
        MountTable table = MountTable.read();
        for (Path folder : folders.ours(podUid)) {
            List<MountTable.Mount> left = table.under(folder);
            if (!left.isEmpty()) {
                throw new VolumeException("still mounted: " + left.getFirst().point());
            }
        }
        removeVolumes(folders.volumes(podUid));
        for (Path folder : folders.ours(podUid)) {
            TreeRemoval.remove(folder);
        }
        return given;
    }

    /**
     * Gives back what was made for all pods and none uses any more, as far as it can.
     *
     * @return what could not be given back, by the volume's name
     */
    Map<String, String> release() throws IOException, InterruptedException {
        disks.release();
        Map<String, String> problems = csi.release();
        problems.forEach((volume, problem) -> LOG.warn("volume {} is not given back yet: {}", volume, problem));
        return problems;
    }

    private static void unmountAll(Path folder) throws VolumeException, IOException {
        for (MountTable.Mount mount : MountTable.read().under(folder)) {
            try {
                Libc.unmount(mount.point(), VolumeCalls.UMOUNT_NOFOLLOW);
            } catch (Libc.Failure e) {
                if (e.error() == VolumeCalls.EBUSY) {
                    throw new VolumeException(mount.point() + " is in use by a process outside of the pod", e);
                }
                // One that hides another one under the same name, or that went by itself.
                if (e.error() != Libc.EINVAL && e.error() != Libc.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private static void removeVolumes(Path volumes) throws IOException {
        for (Path plugin : VolumeFolders.entries(volumes)) {
            boolean isOwn = OWN.contains(plugin.getFileName().toString());
            for (Path volume : VolumeFolders.entries(plugin)) {
                if (isOwn) {
                    TreeRemoval.remove(volume);
                } else {
                    // Fails, rather than delete what somebody wants to keep, if it is not empty.
                    Files.delete(volume);
                }
            }
        }
    }
}
