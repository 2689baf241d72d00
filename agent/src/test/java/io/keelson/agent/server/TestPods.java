package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.AgentPods;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Pods as a test says. */
final class TestPods implements AgentPods {
    final List<Pod> pods = new CopyOnWriteArrayList<>();

    /** Ids of containers that run, by the containers' names. */
    final Map<String, String> running = new ConcurrentHashMap<>();

    /** By the containers' names, with {@code -previous} for former ones. */
    final Map<String, Path> logs = new ConcurrentHashMap<>();

    /** How often somebody asked for a container that runs. */
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public List<Pod> pods() {
        return List.copyOf(pods);
    }

    @Override
    public Optional<Pod> find(String namespace, String name, String uid) {
        return pods.stream()
                .filter(pod -> pod.getMetadata().getNamespace().equals(namespace)
                        && pod.getMetadata().getName().equals(name)
                        && (uid.isEmpty() || uid.equals(pod.getMetadata().getUid())))
                .findFirst();
    }

    @Override
    public Optional<String> runningContainer(Pod pod, String container) {
        asked.incrementAndGet();
        return Optional.ofNullable(running.get(container));
    }

    @Override
    public Optional<String> sandbox(Pod pod) {
        return Optional.ofNullable(running.get("sandbox"));
    }

    @Override
    public Optional<Path> log(Pod pod, String container, boolean previous) {
        return Optional.ofNullable(logs.get(container + (previous ? "-previous" : "")));
    }

    @Override
    public void evict(Pod pod, String reason, String message, long graceSeconds) {
        throw new UnsupportedOperationException("nobody is evicted through the server");
    }

    @Override
    public void fail(Pod pod, String reason, String message, long graceSeconds) {
        throw new UnsupportedOperationException("nobody is ended through the server");
    }
}
