package io.keelson.agent.logs;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ReopenContainerLogRequest;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the logs of all containers within their limits, and links to them. It looks at them every so often, one after
 * the other; where the log of a container is, it asks the runtime once for each.
 */
public final class LogSweep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogSweep.class);
    private static final Duration CALL_MAX = Duration.ofSeconds(30);
    /** A log of so many times its limit is written faster than older files of it could be compressed. */
    private static final int FAST = 2;

    private final RuntimeConnection runtime;
    private final LogRotation rotation;
    private final LogLinks links;
    private final Time time;
    private final ZoneId zone;
    private final Repeating repeating;

    /** By the ids of containers; only of those that are there. */
    private final Map<String, Path> paths = new HashMap<>();

    private final LogPause pause;
    /** The size of the largest log that was written to at the last look. */
    private long largest;

    /**
     * @param zone in which the names of older files tell the time
     */
    public LogSweep(RuntimeConnection runtime, LogRotation rotation, LogLinks links, Time time, ZoneId zone) {
        this.runtime = runtime;
        this.rotation = rotation;
        this.links = links;
        this.time = time;
        this.zone = zone;
        pause = new LogPause(rotation);
        repeating = new Repeating("log-sweep", time, () -> pause.next(largest), this::sweep);
    }

    /** Begins. */
    public void start() {
        repeating.start();
    }

    private void sweep() {
        largest = 0;
        List<Container> containers;
        try {
            containers = runtime.runtime(CALL_MAX)
                    .listContainers(ListContainersRequest.getDefaultInstance())
                    .getContainersList();
        } catch (StatusRuntimeException e) {
            LOG.warn("the containers whose logs may be too large are not known: {}", e.getMessage());
            return;
        }
        Set<String> ids = new HashSet<>();
        for (Container container : containers) {
            ids.add(container.getId());
            try {
                look(container);
            } catch (IOException | RuntimeException e) {
                LOG.warn("the log of container {}: {}", container.getId(), e.toString());
            }
        }
        paths.keySet().retainAll(ids);
        try {
            links.removeDangling(ids::contains);
        } catch (IOException e) {
            LOG.warn("links to logs that are gone are not removed: {}", e.toString());
        }
    }

    private void look(Container container) throws IOException {
        Path log = path(container);
        if (log == null) {
            return;
        }
        String pod = container.getLabelsOrDefault(RuntimeLabels.POD_NAME, "");
        if (!pod.isEmpty()) {
            links.set(
                    container.getLabelsOrDefault(RuntimeLabels.POD_NAMESPACE, ""),
                    pod,
                    container.getLabelsOrDefault(RuntimeLabels.CONTAINER_NAME, ""),
                    container.getId(),
                    log);
        }
        if (container.getState() != ContainerState.CONTAINER_RUNNING) {
            return;
        }
        try {
            long size = Files.size(log);
            if (size >= rotation.bytesMax()) {
                boolean isFast = size >= FAST * rotation.bytesMax();
                new RotatedLogs(log)
                        .rotate(rotation.filesMax(), !isFast, time.instant(), zone, () -> reopen(container.getId()));
            }
            // One that cannot be rotated is not looked at sooner for that.
            largest = Math.max(largest, size);
        } catch (NoSuchFileException e) {
            // Somebody ended between moving it away and this.
            reopen(container.getId());
        }
    }

    private @Nullable Path path(Container container) {
        Path known = paths.get(container.getId());
        if (known != null) {
            return known;
        }
        try {
            ContainerStatus status = runtime.runtime(CALL_MAX)
                    .containerStatus(ContainerStatusRequest.newBuilder()
                            .setContainerId(container.getId())
                            .build())
                    .getStatus();
            if (status.getLogPath().isEmpty()) {
                return null;
            }
            Path path = Path.of(status.getLogPath());
            paths.put(container.getId(), path);
            return path;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private void reopen(String id) throws IOException {
        try {
            var _ = runtime.runtime(CALL_MAX)
                    .reopenContainerLog(ReopenContainerLogRequest.newBuilder()
                            .setContainerId(id)
                            .build());
        } catch (StatusRuntimeException e) {
            throw new IOException("the runtime does not open it again: " + e.getMessage(), e);
        }
    }

    /** Ends; logs are left as they are. */
    @Override
    public void close() {
        repeating.close();
    }
}
