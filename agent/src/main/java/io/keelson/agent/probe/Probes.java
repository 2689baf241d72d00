package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * All probes of all containers that run. Any thread.
 *
 * <p>A restart of the agent does not make a container unready: a run that the API knows as started or ready counts as
 * that until its probes have said otherwise.
 */
public final class Probes implements ProbeResults, AutoCloseable {
    private final Prober prober;
    private final Time time;
    private final Events events;
    private final ProbeMetrics metrics;
    private final Consumer<String> changed;
    private final Map<String, PodProbes> pods = new ConcurrentHashMap<>();
    private final Map<String, Map<ProbeKind, ProbeRun>> runs = new ConcurrentHashMap<>();

    /** A pod's runs that have probes, and where it is. */
    private static final class PodProbes {
        private final Set<String> containerIds = new HashSet<>();
        private volatile String ip = "";
        private boolean ending;
    }

    /**
     * No probes yet.
     *
     * @param changed is told the uid of a pod for whose containers a result is another one; must return at once
     */
    public Probes(Prober prober, Time time, Events events, ProbeMetrics metrics, Consumer<String> changed) {
        this.prober = prober;
        this.time = time;
        this.events = events;
        this.metrics = metrics;
        this.changed = changed;
    }

    @Override
    public Optional<ProbeResult> of(String containerId, ProbeKind kind) {
        return Optional.ofNullable(runs.getOrDefault(containerId, Map.of()).get(kind))
                .map(ProbeRun::result);
    }

    /**
     * Takes note of what runs of a pod: probes of runs that are new begin, those of runs that have ended end.
     *
     * @param ip the pod's address; empty if it has none
     */
    public void update(Pod pod, RuntimePod runtime, String ip) {
        String uid = pod.getMetadata().getUid();
        PodProbes known = pods.computeIfAbsent(uid, key -> new PodProbes());
        synchronized (known) {
            known.ip = ip;
            Set<String> running = new HashSet<>();
            for (PodContainer container : PodContainers.all(pod)) {
                if (container.sort() == Sort.INIT || container.sort() == Sort.EPHEMERAL) {
                    continue;
                }
                Optional<RuntimeContainer> run =
                        runtime.newest(container.name()).filter(RuntimeContainer::running);
                if (run.isPresent()) {
                    running.add(run.get().id());
                    follow(pod, container, run.get(), known);
                }
            }
            for (String id : List.copyOf(known.containerIds)) {
                if (!running.contains(id)) {
                    known.containerIds.remove(id);
                    close(id);
                }
            }
        }
    }

    private void follow(Pod pod, PodContainer container, RuntimeContainer run, PodProbes known) {
        if (known.containerIds.add(run.id())) {
            Map<ProbeKind, ProbeRun> all = new EnumMap<>(ProbeKind.class);
            ProbeRun.Surroundings surroundings = new ProbeRun.Surroundings(
                    prober, time, events, metrics, () -> known.ip, () -> resultChanged(pod, run.id()));
            for (ProbeKind kind : ProbeKind.values()) {
                Probe probe = kind.of(container.container());
                if (probe != null) {
                    ProbeRun made = new ProbeRun(
                            surroundings, pod, container.container(), run.id(), kind, probe, initial(pod, run, kind));
                    all.put(kind, made);
                    if (known.ending && kind != ProbeKind.READINESS) {
                        made.letBe();
                    }
                }
            }
            runs.put(run.id(), all);
        }
        begin(run.id(), runsFor(run));
    }

    /** What counts before the first answer: what the API knows of this very run, from before a restart of the agent. */
    private static ProbeResult initial(Pod pod, RuntimeContainer run, ProbeKind kind) {
        if (pod.getStatus() == null) {
            return kind.initial();
        }
        List<ContainerStatus> all = new ArrayList<>(OrEmpty.of(pod.getStatus().getInitContainerStatuses()));
        all.addAll(OrEmpty.of(pod.getStatus().getContainerStatuses()));
        boolean wasWell = all.stream()
                .filter(status -> OrEmpty.of(status.getContainerID()).endsWith("://" + run.id()))
                .anyMatch(status -> switch (kind) {
                    case STARTUP -> OrEmpty.of(status.getStarted());
                    case READINESS -> OrEmpty.of(status.getReady());
                    case LIVENESS -> false;
                });
        return wasWell ? ProbeResult.SUCCESS : kind.initial();
    }

    private Duration runsFor(RuntimeContainer run) {
        Instant started = Instant.EPOCH.plusNanos(run.status().getStartedAt());
        return Duration.between(started, time.instant());
    }

    /** Begins those that do not have to wait for the startup probe. */
    private void begin(String containerId, Duration runsFor) {
        Map<ProbeKind, ProbeRun> all = runs.getOrDefault(containerId, Map.of());
        ProbeRun startup = all.get(ProbeKind.STARTUP);
        boolean hasStarted = startup == null || startup.result() == ProbeResult.SUCCESS;
        all.forEach((kind, run) -> {
            if (hasStarted || kind == ProbeKind.STARTUP) {
                run.begin(runsFor);
            }
        });
    }

    private void resultChanged(Pod pod, String containerId) {
        // Whoever has started is old enough for the others' initial delays to count from there only once.
        Map<ProbeKind, ProbeRun> all = new HashMap<>(runs.getOrDefault(containerId, Map.of()));
        ProbeRun startup = all.get(ProbeKind.STARTUP);
        if (startup != null && startup.result() == ProbeResult.SUCCESS) {
            begin(containerId, Duration.ofDays(1));
        }
        changed.accept(pod.getMetadata().getUid());
    }

    /** A pod is being ended: nothing is stopped for want of life any more, but it may still become unready. */
    public void ending(String uid) {
        PodProbes known = pods.computeIfAbsent(uid, key -> new PodProbes());
        synchronized (known) {
            known.ending = true;
            for (String id : known.containerIds) {
                runs.getOrDefault(id, Map.of()).forEach((kind, run) -> {
                    if (kind != ProbeKind.READINESS) {
                        run.letBe();
                    }
                });
            }
        }
    }

    /** A pod is gone. */
    public void forget(String uid) {
        PodProbes known = pods.remove(uid);
        if (known != null) {
            synchronized (known) {
                known.containerIds.forEach(this::close);
                known.containerIds.clear();
            }
        }
    }

    private void close(String containerId) {
        Map<ProbeKind, ProbeRun> all = runs.remove(containerId);
        if (all != null) {
            all.values().forEach(ProbeRun::close);
        }
    }

    /** Ends all. */
    @Override
    public void close() {
        List.copyOf(pods.keySet()).forEach(this::forget);
    }
}
