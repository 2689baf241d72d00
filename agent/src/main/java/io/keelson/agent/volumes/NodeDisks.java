package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.PodFolders;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Persistent volumes of this node's disks, and of servers that the kernel mounts: {@code local}, {@code hostPath},
 * {@code nfs}. A folder is bound into the pod's; a disk is given a filesystem if it has none, and mounted once for all
 * pods.
 */
final class NodeDisks {
    static final String LOCAL = "local-volume";
    static final String NFS = "nfs";
    private static final Duration MOUNTING_MAX = Duration.ofMinutes(2);
    private static final Duration FORMATTING_MAX = Duration.ofMinutes(10);
    private static final int NOTHING_FOUND = 2;

    private final VolumeFolders folders;
    /** Two pods that use the same disk must not make two filesystems on it. */
    private final ReentrantLock disks = new ReentrantLock();

    NodeDisks(VolumeFolders folders) {
        this.folders = folders;
    }

    /** A folder or disk of the node, with files. */
    MountedVolume local(VolumeRequest request, PersistentVolume volume, boolean readOnly)
            throws VolumeException, IOException, InterruptedException {
        String name = volume.getMetadata().getName();
        String path = OrEmpty.of(volume.getSpec().getLocal().getPath());
        Path source = HostPaths.checked(path, "");
        // It says that the disk is used, before the disk is mounted.
        Path target = folders.volume(request.podUid(), LOCAL, name);
        PodFolders.make(target);
        Libc.Status status;
        try (Descriptor place = Descriptor.place(path)) {
            status = place.status();
        } catch (Libc.Failure e) {
            throw new VolumeException("path \"" + path + "\" does not exist", e);
        }
        if (status.is(Libc.S_IFBLK)) {
            source = disk(volume, path);
        } else if (!status.is(Libc.S_IFDIR)) {
            throw new VolumeException("path \"" + path + "\" is neither a directory nor a block device");
        }
        if (!MountTable.isMounted(target)) {
            Libc.mount(source.toString(), target.toString(), "", Libc.MS_BIND, "");
            if (readOnly) {
                Libc.mount("", target.toString(), "", Libc.MS_BIND | Libc.MS_REMOUNT | Libc.MS_RDONLY, "");
            }
        }
        if (!readOnly) {
            request.owner().apply(target, false);
        }
        return MountedVolume.shared(name, target, readOnly);
    }

    private Path disk(PersistentVolume volume, String device)
            throws VolumeException, IOException, InterruptedException {
        Path mounted = folders.plugin(LOCAL)
                .resolve("mounts")
                .resolve(VolumeFolders.checked(volume.getMetadata().getName()));
        disks.lockInterruptibly();
        try {
            if (MountTable.isMounted(mounted)) {
                return mounted;
            }
            PodFolders.make(mounted);
            String wanted = OrEmpty.of(volume.getSpec().getLocal().getFsType());
            String type = wanted.isEmpty() ? "ext4" : wanted;
            Program.Result found = Program.run(
                    MOUNTING_MAX, List.of("blkid", "-p", "-s", "TYPE", "-s", "PTTYPE", "-o", "export", device));
            if (found.status() == NOTHING_FOUND) {
                format(type, device);
            } else if (found.status() != 0) {
                throw new VolumeException("blkid cannot tell what is on " + device + ": " + found.output());
            } else if (!found.output().contains("TYPE=" + type)) {
                throw new VolumeException(
                        "failed to mount the volume as \"%s\", it already contains %s. Mount error: wrong fs"
                                .formatted(
                                        type,
                                        found.output()
                                                .lines()
                                                .filter(line -> line.contains("TYPE="))
                                                .toList()));
            }
            Program.require(MOUNTING_MAX, command(type, volume.getSpec().getMountOptions(), device, mounted));
            return mounted;
        } finally {
            disks.unlock();
        }
    }

    private static void format(String type, String device) throws VolumeException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mkfs." + VolumeFolders.checked(type)));
        if (type.startsWith("ext")) {
            command.addAll(List.of("-F", "-m0"));
        } else if ("xfs".equals(type)) {
            command.add("-f");
        }
        command.add(device);
        Program.require(FORMATTING_MAX, command);
    }

    private static List<String> command(String type, List<String> options, String source, Path target) {
        List<String> command = new ArrayList<>(List.of("mount", "-t", type));
        if (!OrEmpty.of(options).isEmpty()) {
            command.addAll(List.of("-o", String.join(",", options)));
        }
        command.addAll(List.of("--", source, target.toString()));
        return command;
    }

    /** Files of a server. */
    MountedVolume nfs(
            VolumeRequest request, String name, String server, String path, boolean readOnly, List<String> options)
            throws VolumeException, IOException, InterruptedException {
        Path target = folders.volume(request.podUid(), NFS, name);
        if (!MountTable.isMounted(target)) {
            PodFolders.make(target);
            List<String> all = new ArrayList<>(OrEmpty.of(options));
            if (readOnly) {
                all.add("ro");
            }
            String host = server.indexOf(':') >= 0 ? '[' + server + ']' : server;
            Program.Result result = Program.run(MOUNTING_MAX, command("nfs", all, host + ':' + path, target));
            if (result.status() != 0) {
                throw new VolumeException(
                        "mount failed: exit status %d: %s; the node needs the helper mount.nfs (nfs-common)"
                                .formatted(result.status(), result.output()));
            }
        }
        return MountedVolume.shared(name, target, readOnly);
    }

    /** A disk of the node as it is. */
    MountedVolume device(VolumeRequest request, PersistentVolume volume, boolean readOnly)
            throws VolumeException, IOException {
        String path = OrEmpty.of(volume.getSpec().getLocal().getPath());
        return link(request, LOCAL, volume.getMetadata().getName(), HostPaths.checked(path, "BlockDevice"), readOnly);
    }

    /** Puts a link to a device where a pod's devices are. */
    MountedVolume link(VolumeRequest request, String plugin, String name, Path device, boolean readOnly)
            throws IOException {
        Path link = folders.device(request.podUid(), plugin, name);
        VolumeFolders.makeFor(link);
        Path fresh = link.resolveSibling(".new-" + name);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, device);
        try {
            Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(link + " is no link", e);
        }
        return MountedVolume.device(name, link, readOnly);
    }

    /** Unmounts disks that no pod has bound any more. */
    void release() throws IOException, InterruptedException {
        Path mounts = folders.plugin(LOCAL).resolve("mounts");
        disks.lockInterruptibly();
        try {
            List<Path> known = VolumeFolders.entries(mounts);
            if (known.isEmpty()) {
                return;
            }
            MountTable table = MountTable.read();
            for (Path disk : known) {
                boolean used = folders.podsWithVolumes().stream()
                        .anyMatch(uid -> Files.exists(
                                folders.volume(uid, LOCAL, disk.getFileName().toString())));
                if (!used) {
                    if (table.at(disk).isPresent()) {
                        Libc.unmount(disk.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
                    }
                    Files.deleteIfExists(disk);
                }
            }
        } finally {
            disks.unlock();
        }
    }
}
