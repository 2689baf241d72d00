package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.RuntimeErrors;
import io.keelson.agent.pods.status.PodStatuses;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a pod, in steps of which each may be done again. One thread's. */
final class PodEnd {
    private static final Logger LOG = LoggerFactory.getLogger(PodEnd.class);

    private final WorkRooms rooms;
    private final PodState state;
    private final PodStop podStop;

    PodEnd(WorkRooms rooms, PodState state, PodStop podStop) {
        this.rooms = rooms;
        this.state = state;
        this.podStop = podStop;
    }

    /**
     * Stops all that runs.
     *
     * @param grace how long each container has at most, if not as the pod says
     * @throws PodProblem if something still runs; to be tried again
     */
    void stop(RuntimePod there, OptionalLong grace) throws PodProblem, InterruptedException {
        Pod pod = state.pod();
        boolean isNothing = there.containers().stream().allMatch(run -> run.exited()) && !there.active();
        if (isNothing) {
            return;
        }
        List<String> ips = PodTraits.isOnHostNetwork(pod)
                ? rooms.hostIps().get()
                : PodStatuses.sandboxIps(there.readySandbox().orElse(null));
        try {
            podStop.stop(pod, there, grace, ips.stream().findFirst().orElse(""));
            if (rooms.observed().refresh(pod.getMetadata().getUid()).active()) {
                throw new PodProblem("", "FailedKillPod", "error killing pod: it still runs");
            }
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw new PodProblem("", "FailedKillPod", "error killing pod: " + RuntimeErrors.text(e), e);
        }
    }

    /** Gives back what it had of the node. */
    void release() throws PodProblem, InterruptedException {
        String uid = state.pod().getMetadata().getUid();
        rooms.guard().release(state.pod());
        rooms.volumes().unmount(uid);
        rooms.resources().release(uid);
        rooms.users().release(uid);
    }

    /** Waits until the API has its last status. */
    void report() throws InterruptedException {
        try {
            var _ = rooms.statuses().written(state.pod().getMetadata().getUid()).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a status that cannot be written is tried again", e);
        }
    }

    /**
     * Deletes its object in the API, of which nothing is left on the node.
     *
     * @throws PodProblem if the API cannot be reached; to be tried again
     */
    void delete(RuntimePod there) throws PodProblem, InterruptedException {
        forgetRuns(there);
        try {
            var _ = Deletion.of(rooms.client(), state.pod(), 0L, null);
        } catch (KubernetesClientException e) {
            throw new PodProblem("", "", "the pod cannot be deleted from the API: " + e.getMessage(), e);
        }
    }

    /** Forgets all runs and sandboxes. */
    void forgetRuns(RuntimePod there) throws PodProblem, InterruptedException {
        try {
            podStop.remove(there);
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw new PodProblem("", "", "what is left of the pod cannot be removed: " + RuntimeErrors.text(e), e);
        }
    }

    /** Removes its files. What is not the agent's own, or still mounted, is left alone. */
    void clean() {
        Pod pod = state.pod();
        String uid = pod.getMetadata().getUid();
        rooms.allocations().forget(uid);
        PodFolders folders = rooms.folders();
        Path own = folders.pod(uid);
        removeTree(own.resolve("containers"), 2);
        removeTree(folders.hostsFile(uid), 0);
        removeTree(own.resolve("userns"), 0);
        removeTree(own.resolve("plugins"), 1);
        removeTree(own.resolve("volumes"), 1);
        removeUnfinished(own);
        removeTree(own, 0);
        String name = Optional.ofNullable(pod.getMetadata().getName()).orElse("");
        String namespace = Optional.ofNullable(pod.getMetadata().getNamespace()).orElse("");
        if (!name.isEmpty() && !namespace.isEmpty()) {
            removeTree(folders.logs(namespace, name, uid), 2);
        }
    }

    /** Removes files that the agent was writing when it died. */
    private static void removeUnfinished(Path folder) {
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(folder, ".*" + WholeFile.UNFINISHED)) {
            unfinished.forEach(file -> removeTree(file, 0));
        } catch (NoSuchFileException | NotDirectoryException e) {
            LOG.debug("left alone: {}", folder);
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", folder, e.toString());
        }
    }

    /** Removes files and folders to a depth; a folder that has something deeper in it stays. Follows no links. */
    private static void removeTree(Path path, int depth) {
        try {
            if (depth > 0 && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
                    for (Path one : all) {
                        removeTree(one, depth - 1);
                    }
                }
            }
            Files.delete(path);
        } catch (NoSuchFileException | DirectoryNotEmptyException | NotDirectoryException e) {
            // It is gone, or somebody else's.
            LOG.debug("left alone: {}", path);
        } catch (IOException e) {
            LOG.warn("{} is not removed: {}", path, e.toString());
        }
    }
}
