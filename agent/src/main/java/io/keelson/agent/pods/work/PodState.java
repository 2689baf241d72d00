package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.TerminationMessages;
import io.keelson.agent.pods.status.PodStatuses;
import io.keelson.agent.pods.status.StatusView;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.status.StatusView.Waiting;
import io.keelson.agent.pods.status.StatusWriter.Wanted;
import io.keelson.agent.probe.ProbeResults;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.ResourceVersions;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of one pod. Any thread; its lock is held for calculations only. */
final class PodState {
    private final ProbeResults probes;
    private final PodResources resources;
    private final String runtimeName;
    private Pod pod;
    private Pod allocated;
    private @Nullable Pod mirror;
    /** What the API answered to the last write; the watch may be behind it. */
    private @Nullable Pod answer;

    private PodStatus previous;
    private final Instant startedAt;
    private final Map<String, Waiting> waiting = new HashMap<>();
    private final Map<String, String> messages = new HashMap<>();
    private final Map<String, ResourceRequirements> actuated = new HashMap<>();
    /** Runs that another run follows whatever they end with. */
    private final Set<String> replaced = new HashSet<>();

    private List<PodCondition> passing = List.of();
    private Optional<Verdict> verdict = Optional.empty();
    private boolean ending;
    private boolean ended;
    /** Whether its object in the API is not there any more, or is another one's. */
    private boolean gone;

    PodState(
            Pod pod,
            @Nullable Pod mirror,
            ProbeResults probes,
            PodResources resources,
            String runtimeName,
            Instant now) {
        this.pod = pod;
        allocated = pod;
        this.mirror = mirror;
        this.probes = probes;
        this.resources = resources;
        this.runtimeName = runtimeName;
        PodStatus known = shownStatus();
        previous = known == null ? new PodStatus() : known;
        Instant begun = Pods.time(previous.getStartTime());
        startedAt = begun == null ? now : begun;
    }

    private @Nullable PodStatus shownStatus() {
        if (PodTraits.isStatic(pod)) {
            // One that was ended for the node's sake, as when the machine was shut down, begins anew.
            return mirror == null || Pods.isTerminal(mirror) ? null : mirror.getStatus();
        }
        return pod.getStatus();
    }

    synchronized Pod pod() {
        return pod;
    }

    /** The pod is wanted otherwise. */
    synchronized void wanted(Pod now) {
        pod = now;
    }

    /** The object that stands for a static pod; null if there is none. */
    synchronized void mirrored(@Nullable Pod shown) {
        mirror = shown;
    }

    synchronized void allocated(Pod withResources) {
        allocated = withResources;
    }

    synchronized Pod allocated() {
        return allocated;
    }

    Instant startedAt() {
        return startedAt;
    }

    /** A container waits, and is to be shown so. */
    synchronized void waits(String container, Waiting why) {
        waiting.put(container, why);
    }

    synchronized void waitsNoMore(String container) {
        waiting.remove(container);
    }

    /** Reads what runs said at their end, of which that is not known yet. */
    void readMessages(RuntimePod runtime) {
        for (RuntimeContainer run : runtime.containers()) {
            if (run.exited() && !hasMessage(run.id())) {
                String message = TerminationMessages.of(run);
                synchronized (this) {
                    messages.put(run.id(), message);
                }
            }
        }
    }

    private synchronized boolean hasMessage(String runId) {
        return messages.containsKey(runId);
    }

    /** A run, or with its sandbox the pod as a whole, has these now. */
    synchronized void actuated(String id, ResourceRequirements resources) {
        actuated.put(id, resources);
    }

    synchronized Map<String, ResourceRequirements> actuated() {
        return Map.copyOf(actuated);
    }

    /** A run is about to be stopped, and another one follows whatever it ends with. */
    synchronized void replaces(String runId) {
        replaced.add(runId);
    }

    synchronized Set<String> replaced() {
        return Set.copyOf(replaced);
    }

    /** What is remembered of runs that the runtime has forgotten is forgotten. */
    synchronized void forgetRuns(RuntimePod runtime) {
        messages.keySet().removeIf(id -> runtime.container(id).isEmpty());
        actuated.keySet()
                .removeIf(id -> runtime.container(id).isEmpty()
                        && runtime.sandboxes().stream()
                                .noneMatch(sandbox -> sandbox.getId().equals(id)));
        replaced.removeIf(id -> runtime.container(id).isEmpty());
    }

    synchronized void passing(List<PodCondition> conditions) {
        passing = List.copyOf(conditions);
    }

    synchronized Optional<Verdict> verdict() {
        return verdict;
    }

    /** It has failed as a whole; the first reason stands. */
    synchronized void judged(Verdict found) {
        if (verdict.isEmpty()) {
            verdict = Optional.of(found);
        }
    }

    /** Nothing of it is started again. */
    synchronized void ending() {
        ending = true;
    }

    /** All of it has ended. */
    synchronized void ended() {
        ended = true;
    }

    synchronized boolean isEnded() {
        return ended;
    }

    synchronized void gone() {
        gone = true;
    }

    synchronized boolean isGone() {
        return gone;
    }

    /** The status as things are. */
    synchronized PodStatus status(RuntimePod runtime, List<String> hostIps, Instant now) {
        PodStatus made = PodStatuses.of(new StatusView(
                pod,
                allocated,
                previous,
                runtime,
                runtimeName,
                Map.copyOf(waiting),
                probes,
                Map.copyOf(messages),
                Map.copyOf(actuated),
                devices(),
                Set.copyOf(replaced),
                hostIps,
                ending,
                ended,
                verdict,
                passing,
                startedAt,
                now));
        previous = made;
        return made;
    }

    private Map<String, List<ResourceStatus>> devices() {
        Map<String, List<ResourceStatus>> all = new HashMap<>();
        for (Container container : pod.getSpec().getContainers()) {
            List<ResourceStatus> known = resources.health(pod, container);
            if (!known.isEmpty()) {
                all.put(container.getName(), known);
            }
        }
        return all;
    }

    /** The pod with the status that it has here. */
    synchronized Pod shown() {
        return new PodBuilder(pod)
                .withStatus(new PodStatusBuilder(previous).build())
                .build();
    }

    /** What the API is to have; empty if it has no object for it. */
    synchronized Optional<Wanted> wanted(RuntimePod runtime, List<String> hostIps, Instant now) {
        Pod object = PodTraits.isStatic(pod) ? mirror : pod;
        if (gone || object == null) {
            return Optional.empty();
        }
        Pod newest = answer != null && isOlderVersion(object, answer) ? answer : object;
        return Optional.of(new Wanted(newest, status(runtime, hostIps, now), this::answered));
    }

    private static boolean isOlderVersion(Pod seen, Pod answered) {
        return seen.getMetadata().getUid().equals(answered.getMetadata().getUid())
                && ResourceVersions.isOlder(seen, answered);
    }

    private synchronized void answered(@Nullable Pod object) {
        answer = object;
    }
}
