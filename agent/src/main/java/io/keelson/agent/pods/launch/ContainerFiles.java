package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The files that a container sees besides its volumes: {@code /etc/hosts}, and where it writes why it ended. */
final class ContainerFiles {
    private static final String HOSTS = "/etc/hosts";

    private final PodFolders folders;

    ContainerFiles(PodFolders folders) {
        this.folders = folders;
    }

    /**
     * The hosts file, brought up to date.
     *
     * @param mounts what is mounted already: a container may have a hosts file of its own
     */
    Optional<Mount> hosts(Pod pod, Container container, String text, List<Mount> mounts) throws PodProblem {
        if (mounts.stream().anyMatch(mount -> mount.getContainerPath().equals(HOSTS))) {
            return Optional.empty();
        }
        Path file = folders.hostsFile(pod.getMetadata().getUid());
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        try {
            PodFolders.make(folders.pod(pod.getMetadata().getUid()));
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
                // In its place: containers that run have this very file mounted.
                Files.write(file, content);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
        } catch (IOException e) {
            throw problem("the hosts file cannot be written: " + e, e);
        }
        boolean isReadOnly = container.getSecurityContext() != null
                && OrEmpty.of(container.getSecurityContext().getReadOnlyRootFilesystem());
        return Optional.of(Mount.newBuilder()
                .setContainerPath(HOSTS)
                .setHostPath(file.toString())
                .setReadonly(isReadOnly)
                .setSelinuxRelabel(true)
                .build());
    }

    /** The file for why it ended, empty. */
    Mount terminationLog(Pod pod, PodContainer container, int attempt) throws PodProblem {
        Path folder = folders.container(pod.getMetadata().getUid(), container.name());
        Path file = folder.resolve(Integer.toString(attempt));
        try {
            PodFolders.make(folder);
            Files.write(file, new byte[0]);
            // Whoever the container runs as may write it.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        } catch (IOException e) {
            throw problem("the file of its termination message cannot be made: " + e, e);
        }
        return Mount.newBuilder()
                .setContainerPath(PodTraits.terminationMessagePath(container.container()))
                .setHostPath(file.toString())
                .setSelinuxRelabel(true)
                .build();
    }

    private static PodProblem problem(String message, IOException cause) {
        return new PodProblem("CreateContainerConfigError", "Failed", message, cause);
    }
}
