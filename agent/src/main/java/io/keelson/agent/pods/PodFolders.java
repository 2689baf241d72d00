package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the files of pods are. What comes from a pod's object is one name in a path each: the API lets none of them
 * have a slash, and a uid or name with one is refused here.
 *
 * @param root {@code /var/lib/kubelet}
 * @param logs {@code /var/log/pods}
 */
public record PodFolders(Path root, Path logs) {
    private static final Set<PosixFilePermission> OF_OTHERS = PosixFilePermissions.fromString("------rwx");

    /**
     * Makes a folder and those above it, such that others than their owner and group see nothing of what is in them:
     * pods' files have secrets. Folders that are there already stay as they are.
     */
    public static void make(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    }

    /** Makes the root and the folder of all pods; of those that are there already, others see nothing any more. */
    public void begin() throws IOException {
        Path pods = root.resolve("pods");
        make(pods);
        for (Path folder : List.of(root, pods)) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(folder));
            if (permissions.removeAll(OF_OTHERS)) {
                Files.setPosixFilePermissions(folder, permissions);
            }
        }
    }

    /** All that belongs to a pod. */
    public Path pod(String uid) {
        return root.resolve("pods").resolve(name(uid));
    }

    /** What belongs to one of its containers. */
    public Path container(String uid, String container) {
        return pod(uid).resolve("containers").resolve(name(container));
    }

    /** The file that its containers see as {@code /etc/hosts}. */
    public Path hostsFile(String uid) {
        return pod(uid).resolve("etc-hosts");
    }

    /** The folder of its containers' logs. */
    public Path logs(Pod pod) {
        return logs(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid());
    }

    /** The folder of a pod's logs. */
    public Path logs(String namespace, String name, String uid) {
        return logs.resolve(name(namespace) + '_' + name(name) + '_' + name(uid));
    }

    /** A run's log, below the folder of its pod's logs. */
    public static String logPath(String container, int attempt) {
        return name(container) + '/' + attempt + ".log";
    }

    private static String name(String part) {
        if (part.isEmpty()
                || part.indexOf('/') >= 0
                || part.indexOf('\0') >= 0
                || part.equals(".")
                || part.equals("..")) {
            throw new IllegalArgumentException("no name of a file: \"" + part + '"');
        }
        return part;
    }
}
