package io.keelson.agent.image;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.RemoveContainerRequest;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.StopContainerRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Removes dead containers beyond those that are kept, with their logs; sandboxes that nothing is in any more; and
 * folders of logs whose pods are gone. Nothing of a pod is removed for the pod's sake before all pods are known.
 */
public final class ContainerCollector {
    private static final Duration CALL_LIMIT = Duration.ofMinutes(2);

    private final RuntimeConnection connection;
    private final RuntimePods pods;
    private final PodContents contents;
    private final ContainerGarbagePolicy policy;
    private final Path logs;
    private final Time time;

    /**
     * @param logs where the folders of pods' logs are, {@code /var/log/pods}
     */
    public ContainerCollector(
            RuntimeConnection connection,
            RuntimePods pods,
            PodContents contents,
            ContainerGarbagePolicy policy,
            Path logs,
            Time time) {
        this.connection = connection;
        this.pods = pods;
        this.contents = contents;
        this.policy = policy;
        this.logs = logs;
        this.time = time;
    }

    /**
     * Removes what is garbage.
     *
     * @param allKnown whether all sources of pods have told of theirs
     * @throws IOException if some of it could not be removed; the rest was
     */
    public void collect(boolean allKnown) throws IOException {
        collect(allKnown, false);
    }

    /** Removes besides what there is of pods that have ended, since the node is short of space. */
    public void removeEnded() throws IOException {
        collect(true, true);
    }

    private void collect(boolean allKnown, boolean ended) throws IOException {
        if (!pods.complete()) {
            return;
        }
        Predicate<String> gone = uid -> allKnown && (contents.mayGo(uid) || (ended && contents.runtimeMayGo(uid)));
        List<String> failures = new ArrayList<>();
        Set<String> changed = new HashSet<>();
        for (RuntimeContainer container : DeadContainers.containers(pods.pods(), policy, gone, time.instant())) {
            remove(container, failures);
            changed.add(container.status().getLabelsOrDefault(RuntimeLabels.POD_UID, ""));
        }
        // What is in sandboxes, and what is left of pods, counts as it is now.
        look(changed, failures);
        changed.clear();
        for (PodSandboxStatus sandbox : DeadContainers.sandboxes(pods.pods(), gone)) {
            remove(sandbox, failures);
            changed.add(sandbox.getLabelsOrDefault(RuntimeLabels.POD_UID, ""));
        }
        look(changed, failures);
        if (allKnown) {
            removeLogs(failures);
        }
        if (!failures.isEmpty()) {
            throw new IOException(failures.size() == 1 ? failures.getFirst() : "[" + String.join(", ", failures) + "]");
        }
    }

    private void look(Set<String> uids, List<String> failures) {
        try {
            uids.forEach(pods::refresh);
        } catch (StatusRuntimeException e) {
            failures.add(RuntimeError.text(e));
        }
    }

    private void remove(RuntimeContainer container, List<String> failures) {
        try {
            if (container.state() == ContainerState.CONTAINER_UNKNOWN) {
                // It may run all the same.
                var _ = connection
                        .runtime(CALL_LIMIT)
                        .stopContainer(StopContainerRequest.newBuilder()
                                .setContainerId(container.id())
                                .build());
            }
            removeLog(container.status().getLogPath());
            var _ = connection
                    .runtime(CALL_LIMIT)
                    .removeContainer(RemoveContainerRequest.newBuilder()
                            .setContainerId(container.id())
                            .build());
        } catch (StatusRuntimeException e) {
            failures.add("failed to remove container " + container.id() + ": " + RuntimeError.text(e));
        } catch (IOException e) {
            failures.add("failed to remove the log of container " + container.id() + ": " + e.getMessage());
        }
    }

    private void remove(PodSandboxStatus sandbox, List<String> failures) {
        try {
            // One that ended by itself still has a network, which only stopping takes away.
            var _ = connection
                    .runtime(CALL_LIMIT)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
            var _ = connection
                    .runtime(CALL_LIMIT)
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
        } catch (StatusRuntimeException e) {
            failures.add("failed to remove sandbox " + sandbox.getId() + ": " + RuntimeError.text(e));
        }
    }

    /** The log of one run, and what rotation made of it: {@code 0.log}, {@code 0.log.20060102-150405.gz}. */
    private void removeLog(String text) throws IOException {
        if (text.isEmpty()) {
            return;
        }
        Path log = Path.of(text).normalize();
        Path folder = log.getParent();
        // Only what is an agent's log is deleted, whatever a runtime says.
        if (folder == null || !log.startsWith(logs) || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        String name = String.valueOf(log.getFileName());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder,
                file -> String.valueOf(file.getFileName()).equals(name)
                        || String.valueOf(file.getFileName()).startsWith(name + "."))) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Folders are called {@code NAMESPACE_NAME_UID}. */
    private void removeLogs(List<String> failures) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(logs)) {
            for (Path folder : folders) {
                String name = String.valueOf(folder.getFileName());
                String uid = name.substring(name.lastIndexOf('_') + 1);
                if (contents.mayGo(uid) && pods.pod(uid).isEmpty()) {
                    removeTree(folder);
                }
            }
        } catch (NoSuchFileException e) {
            // No pod has ever written a log.
        } catch (IOException e) {
            failures.add("failed to remove logs: " + e.getMessage());
        }
    }

    /** Follows no links: a container may have put one into its folder. */
    private static void removeTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
