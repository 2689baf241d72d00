package io.keelson.agent.volumes;

import io.keelson.agent.pods.PodFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Where the files of volumes are: the folders of the kubelet, those of a pod beside what {@link PodFolders} has.
 *
 * @param root the agent's folder, {@code /var/lib/kubelet} for one, without links in it
 */
record VolumeFolders(Path root) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.:~]*[A-Za-z0-9])?");
    private static final String VOLUMES = "volumes";
    private static final String SUB_PATHS = "volume-subpaths";
    private static final String DEVICES = "volumeDevices";
    /** Folders of a pod that are made here. */
    private static final List<String> OURS = List.of(VOLUMES, SUB_PATHS, DEVICES, "plugins");

    /**
     * A name that becomes a folder.
     *
     * @throws IllegalArgumentException if it would be another folder than its parent's
     */
    static String checked(String name) {
        if (name.length() > 253 || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not fit for the name of a folder: \"" + name + '"');
        }
        return name;
    }

    Path pods() {
        return root.resolve("pods");
    }

    Path pod(String uid) {
        return pods().resolve(checked(uid));
    }

    /** All volumes of a pod. */
    Path volumes(String uid) {
        return pod(uid).resolve(VOLUMES);
    }

    /** @param plugin {@code empty-dir} for {@code kubernetes.io/empty-dir} */
    Path volume(String uid, String plugin, String name) {
        return volumes(uid).resolve("kubernetes.io~" + plugin).resolve(checked(name));
    }

    /** Where it is noted that a volume was made to its end. */
    Path ready(String uid, String plugin, String name) {
        return pod(uid).resolve("plugins")
                .resolve("kubernetes.io~" + plugin)
                .resolve(checked(name))
                .resolve("ready");
    }

    /** What a mount of a part of a volume is bound to. */
    Path subPath(String uid, String volume, String container, int index) {
        return subPaths(uid)
                .resolve(checked(volume))
                .resolve(checked(container))
                .resolve(Integer.toString(index));
    }

    Path subPaths(String uid) {
        return pod(uid).resolve(SUB_PATHS);
    }

    /** A link to the device of a volume without a filesystem. */
    Path device(String uid, String plugin, String name) {
        return devices(uid).resolve("kubernetes.io~" + plugin).resolve(checked(name));
    }

    Path devices(String uid) {
        return pod(uid).resolve(DEVICES);
    }

    /** What a kind of volumes keeps for all pods. */
    Path plugin(String plugin) {
        return root.resolve("plugins").resolve("kubernetes.io").resolve(plugin);
    }

    /** The folders in a pod's folder that are made here, those first that lie on others. */
    List<Path> ours(String uid) {
        return List.of(SUB_PATHS, DEVICES, VOLUMES, "plugins").stream()
                .map(name -> pod(uid).resolve(name))
                .toList();
    }

    /** The uids of pods that have any of these. */
    Set<String> podsWithVolumes() {
        Set<String> uids = new TreeSet<>();
        for (Path pod : entries(pods())) {
            String uid = pod.getFileName().toString();
            // Whatever else lies there is no pod's.
            if (NAME.matcher(uid).matches()
                    && OURS.stream().anyMatch(name -> Files.exists(pod.resolve(name), LinkOption.NOFOLLOW_LINKS))) {
                uids.add(uid);
            }
        }
        return uids;
    }

    /** Makes the folder that a file of ours is to be in. */
    static void makeFor(Path file) throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            PodFolders.make(folder);
        }
    }

    /** The entries of a folder of ours; none if it is not there. */
    static List<Path> entries(Path folder) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            List<Path> entries = new ArrayList<>();
            stream.forEach(entries::add);
            return entries;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
