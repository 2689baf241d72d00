package io.keelson.agent.pods.work;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.launch.Annotations;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what is left of pods that nobody wants: what ran when the agent stopped and was deleted before it came back,
 * what a call made that had been given up. Each gets a worker that ends it. All that is needed for that is in the
 * runtime's annotations.
 */
final class Leftovers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final Duration BETWEEN = Duration.ofMinutes(1);
    /** Nobody waits for them to end well. */
    private static final long GRACE_SECONDS = 1;

    /** What else is there, as lost+found of a filesystem, is no pod's. */
    private static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final WorkRooms rooms;
    private final PodWorkers workers;
    private volatile boolean closed;

    Leftovers(WorkRooms rooms, PodWorkers workers) {
        this.rooms = rooms;
        this.workers = workers;
    }

    /** Looks now, and from time to time. Only when all sources have said what they want. */
    void start() {
        sweep();
        rooms.time().after(BETWEEN, this::again);
    }

    private void again() {
        if (!closed) {
            // Folders are read, which the thread that keeps the time must not wait for.
            Thread.ofVirtual().name("leftovers").start(this::start);
        }
    }

    private void sweep() {
        try {
            Map<String, RuntimePod> there = new HashMap<>();
            for (RuntimePod pod : rooms.observed().pods()) {
                if (!pod.isEmpty()) {
                    there.put(pod.uid(), pod);
                }
            }
            Set<String> uids = new HashSet<>(there.keySet());
            uids.addAll(rooms.volumes().podsWithVolumes());
            uids.addAll(rooms.resources().podsWithCgroups());
            uids.addAll(folders());
            for (String uid : uids) {
                if (!workers.has(uid) && !closed) {
                    LOG.info("nobody wants pod {}: what is left of it is removed", uid);
                    workers.end(pod(uid, there.get(uid)));
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("looking for what is left of pods", e);
        }
    }

    private List<String> folders() {
        Path pods = rooms.folders().root().resolve("pods");
        List<String> uids = new ArrayList<>();
        if (Files.isDirectory(pods)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(pods)) {
                for (Path folder : all) {
                    String name = folder.getFileName().toString();
                    if (UID.matcher(name).matches()) {
                        uids.add(name);
                    }
                }
            } catch (IOException e) {
                LOG.warn("{} cannot be read: {}", pods, e.toString());
            }
        }
        return uids;
    }

    /** A pod as far as the runtime knows it. */
    private static Pod pod(String uid, @Nullable RuntimePod there) {
        List<Container> containers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (there != null) {
            for (RuntimeContainer run : there.containers()) {
                if (names.add(run.name())) {
                    containers.add(container(run));
                }
            }
        }
        return new PodBuilder()
                .withNewMetadata()
                .withUid(uid)
                .withNamespace(there == null ? "" : there.namespace())
                .withName(there == null ? "" : there.name())
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .endSpec()
                .build();
    }

    private static Container container(RuntimeContainer run) {
        ContainerBuilder container = new ContainerBuilder().withName(run.name());
        Map<String, String> annotations = run.status().getAnnotationsMap();
        String preStop = annotations.get(Annotations.PRE_STOP);
        String ports = annotations.get(Annotations.PORTS);
        try {
            if (preStop != null) {
                container
                        .withNewLifecycle()
                        .withPreStop(JSON.readValue(preStop, LifecycleHandler.class))
                        .endLifecycle();
            }
            if (ports != null) {
                container.withPorts(JSON.readValue(ports, ContainerPort[].class));
            }
        } catch (IOException e) {
            LOG.warn("container {} is stopped without its hook: {}", run.id(), e.getMessage());
        }
        return container.build();
    }

    @Override
    public void close() {
        closed = true;
    }
}
