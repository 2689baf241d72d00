package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;

/**
 * Where the files of pods are. What comes from a pod's object is one name in a path each: the API lets none of them
 * have a slash, and a uid or name with one is refused here.
 *
 * @param root {@code /var/lib/kubelet}
 * @param logs {@code /var/log/pods}
 */
public record PodFolders(Path root, Path logs) {
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
