package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.PodFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Parts of volumes, as containers mount them. Who can write to a volume may put links into it at any time; so a part
 * is opened in a way that the kernel lets nothing lead out, held by its descriptor, and what is held is bound to a
 * place of the agent's own. What is not there is made, with the permissions of the volume.
 *
 * <p>A message to users says nothing of what the node has at other places.
 */
final class SubPaths {
    private static final int MODE_BITS = 07777;

    private final VolumeFolders folders;

    SubPaths(VolumeFolders folders) {
        this.folders = folders;
    }

    /** What is wrong with a path as it is written; empty if nothing is. */
    static String problem(String subPath) {
        if (subPath.startsWith("/")) {
            return "error SubPath `" + subPath + "` must not be an absolute path";
        }
        if (List.of(subPath.split("/", -1)).contains("..")) {
            return "unable to provision SubPath `" + subPath + "`: must not contain '..'";
        }
        return subPath.indexOf('\0') >= 0 ? "SubPath must not contain NUL" : "";
    }

    /**
     * Binds a part of a volume to a place of its own.
     *
     * @param index which of the container's mounts it is
     * @return the place
     */
    Path bind(String podUid, String folderName, Path volume, String container, int index, String subPath)
            throws IOException {
        List<String> names = names(subPath);
        Path target = folders.subPath(podUid, folderName, container, index);
        try (Descriptor root = Descriptor.folder(volume);
                Descriptor part = open(root, names)) {
            if (MountTable.isMounted(target)) {
                if (Descriptor.identity(target).equals(part.identity())) {
                    return target;
                }
                Libc.unmount(target.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
            }
            VolumeFolders.makeFor(target);
            boolean folder = part.status().is(Libc.S_IFDIR);
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && Files.isDirectory(target) != folder) {
                Files.delete(target);
            }
            if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                if (folder) {
                    PodFolders.make(target);
                } else {
                    Files.createFile(target);
                }
            }
            Libc.mount(part.path().toString(), target.toString(), "", Libc.MS_BIND, "");
        }
        return target;
    }

    private static List<String> names(String subPath) {
        List<String> names = new ArrayList<>();
        for (String name : subPath.split("/", -1)) {
            if (!name.isEmpty() && !".".equals(name)) {
                names.add(name);
            }
        }
        return names;
    }

    private static Descriptor open(Descriptor root, List<String> names) throws IOException {
        if (names.isEmpty()) {
            return VolumeCalls.openBeneath(root, Libc.bytes("."), Libc.O_PATH);
        }
        try {
            return VolumeCalls.openBeneath(root, Libc.bytes(String.join("/", names)), Libc.O_PATH);
        } catch (VolumeCalls.Refused e) {
            if (e.error() != Libc.ENOENT) {
                throw e;
            }
        }
        return make(root, names);
    }

    /** Makes the folders that are missing, one in the other, each held before the next is made in it. */
    private static Descriptor make(Descriptor root, List<String> names) throws IOException {
        int mode = root.status().mode() & MODE_BITS;
        Descriptor last = VolumeCalls.openBeneath(root, Libc.bytes("."), Libc.O_PATH | Libc.O_DIRECTORY);
        try {
            for (int depth = 1; depth <= names.size(); depth++) {
                Descriptor next = step(root, last, names.subList(0, depth), mode);
                last.close();
                last = next;
            }
            return last;
        } catch (IOException | RuntimeException e) {
            last.close();
            throw e;
        }
    }

    private static Descriptor step(Descriptor root, Descriptor parent, List<String> names, int mode)
            throws IOException {
        try {
            return VolumeCalls.openBeneath(root, Libc.bytes(String.join("/", names)), Libc.O_PATH | Libc.O_DIRECTORY);
        } catch (VolumeCalls.Refused e) {
            if (e.error() != Libc.ENOENT) {
                throw e;
            }
        }
        byte[] name = Libc.bytes(names.getLast());
        Libc.makeFolder(parent.number(), name, mode);
        // If it was replaced by a link meanwhile this is refused.
        Descriptor made =
                new Descriptor(Libc.openAt(parent.number(), name, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0));
        made.permit(mode);
        return made;
    }
}
