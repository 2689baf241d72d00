package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.eviction.Decision.BeyondLimits;
import io.keelson.agent.eviction.Decision.Calm;
import io.keelson.agent.eviction.Decision.Lack;
import io.keelson.agent.eviction.Decision.Victim;
import io.keelson.agent.eviction.DiskLayout.Waste;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node from running out of what its pods share. One at a time is ended for the node's sake; when nothing of it is
 * left, or after half a minute, it looks again. A pod that does not go though it was ended is no reason not to end
 * another one: it is not asked again.
 */
public final class Eviction implements AutoCloseable {
    static final String REASON = "Evicted";

    private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);
    private static final Duration LEFT_EVERY = Duration.ofSeconds(1);
    private static final Duration LEFT_MAX = Duration.ofSeconds(30);
    private static final int AT_ONCE = 8;

    private final EvictionSettings settings;
    private final UsageSource usage;
    private final AgentPods pods;
    private final Predicate<String> isGone;
    private final NodeWaste waste;
    private final Supplier<HasMetadata> node;
    private final Events events;
    private final Time time;
    private final EvictionMetrics metrics;
    private final Repeating repeating;

    private volatile Set<Pressure> pressures = Set.of();

    /** Of the thread that repeats alone, as what follows: how disks are, once that could be told. */
    private @Nullable DiskLayout layout;

    private List<Threshold> thresholds = List.of();
    private PressureState state = PressureState.NONE;

    /** Whether pods were ended at the last look. */
    private boolean hasEnded;

    /** When pods had ended of which something is left, by their uids; of the steady clock. */
    private final Map<String, Instant> ending = new HashMap<>();

    /**
     * Does nothing before it is started.
     *
     * @param isGone whether nothing is left of a pod that has ended, of its uid: no containers, volumes, cgroup
     * @param node whose events tell what it is short of
     */
    public Eviction(
            EvictionSettings settings,
            UsageSource usage,
            AgentPods pods,
            Predicate<String> isGone,
            NodeWaste waste,
            Supplier<HasMetadata> node,
            Events events,
            Time time,
            EvictionMetrics metrics) {
        this.settings = settings;
        this.usage = usage;
        this.pods = pods;
        this.isGone = isGone;
        this.waste = waste;
        this.node = node;
        this.events = events;
        this.time = time;
        this.metrics = metrics;
        repeating = new Repeating("eviction", time, this::pause, this::look);
    }

    /** Begins to look; once. */
    public void start() {
        if (!settings.thresholds().isEmpty() || settings.limitsStorage()) {
            repeating.start();
        }
    }

    /** What the node is under now. */
    public Set<Pressure> pressures() {
        return pressures;
    }

    /** Keeps pods out that the node cannot bear now. */
    public PodAdmission admission() {
        return new PressureAdmission(this::pressures);
    }

    private boolean isWaiting() {
        Instant now = time.steady();
        ending.keySet().removeIf(isGone);
        return ending.values().stream()
                .anyMatch(since -> Duration.between(since, now).compareTo(LEFT_MAX) < 0);
    }

    private Duration pause() {
        return hasEnded ? LEFT_EVERY : settings.every();
    }

    private void look() throws InterruptedException {
        if (isWaiting()) {
            return;
        }
        hasEnded = false;
        try {
            DiskLayout disks = disks();
            NodePicture picture = usage.look();
            PressureState before = state;
            state = before.next(thresholds, picture.observed(), settings.pressureFor(), time.steady());
            pressures = Set.copyOf(state.pressures());
            act(Decision.of(settings, disks, state.urgent(before), picture, candidates()), picture);
        } catch (IOException e) {
            LOG.warn("what the node lacks is not known: {}", e.getMessage());
        }
    }

    /** As long as it cannot be told how disks are, they are taken for one: memory may be short meanwhile. */
    private DiskLayout disks() throws InterruptedException {
        DiskLayout known = layout;
        if (known == null) {
            try {
                known = usage.layout();
                layout = known;
                if (Thresholds.hasOwnOfContainers(settings.thresholds())) {
                    LOG.warn("thresholds of containerfs do not count: they are those of the disk that it is on");
                }
            } catch (IOException e) {
                LOG.warn("what of the node is on which disk is not known: {}", e.getMessage());
                known = DiskLayout.ONE;
            }
            thresholds = Thresholds.on(known, settings.thresholds());
        }
        return known;
    }

    /** Pods that have not ended, and have not been asked to. */
    private List<Pod> candidates() {
        List<Pod> all =
                pods.pods().stream().filter(pod -> !Pods.isTerminal(pod)).toList();
        Set<String> there = all.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
        ending.keySet().retainAll(there);
        return all.stream()
                .filter(pod -> !ending.containsKey(pod.getMetadata().getUid()))
                .toList();
    }

    private void act(Decision decision, NodePicture picture) throws InterruptedException {
        switch (decision) {
            case Calm() -> {}
            case BeyondLimits(List<Victim> victims) -> {
                victims.forEach(this::note);
                List<RuntimeException> failures = AtOnce.run(
                        victims,
                        AT_ONCE,
                        victim -> pods.fail(victim.pod(), REASON, victim.message(), victim.graceSeconds()));
                victims.forEach(this::ended);
                failures.forEach(failure -> LOG.error("a pod that uses too much is not ended", failure));
            }
            case Lack lack -> relieve(lack, picture);
        }
    }

    private void relieve(Lack lack, NodePicture picture) throws InterruptedException {
        String scarce = lack.threshold().signal().scarce().text();
        LOG.warn(
                "The node is short of {}: {}", scarce, lack.threshold().signal().text());
        events.warning(node.get(), "EvictionThresholdMet", "Attempting to reclaim " + scarce);
        if (isEnough(lack.wastes())) {
            LOG.info("The node is not short of {} any more, and no pod was ended", scarce);
            return;
        }
        if (lack.victim().isEmpty()) {
            LOG.error("The node is short of {}, and no pod can be ended", scarce);
            return;
        }
        for (Threshold threshold : lack.urgent()) {
            Observation observed = picture.observed().get(threshold.signal());
            if (observed != null && !observed.time().equals(Instant.EPOCH)) {
                Duration age = Duration.between(observed.time(), time.instant());
                metrics.age(threshold.signal().text(), age.isNegative() ? Duration.ZERO : age);
            }
        }
        Victim victim = lack.victim().get();
        note(victim);
        pods.evict(victim.pod(), REASON, victim.message(), victim.graceSeconds());
        ended(victim);
    }

    private void note(Victim victim) {
        LOG.warn("ends pod {}: {}", PodTraits.text(victim.pod()), victim.message());
        metrics.evicted(victim.signal());
        hasEnded = true;
    }

    /** What is left of it now has some time to go. */
    private void ended(Victim victim) {
        ending.put(victim.pod().getMetadata().getUid(), time.steady());
    }

    /** Gives up what nobody needs, and looks whether that is enough for all thresholds. */
    private boolean isEnough(List<Waste> wastes) throws InterruptedException {
        for (Waste each : wastes) {
            try {
                switch (each) {
                    case CONTAINERS -> waste.removeContainers();
                    case IMAGES -> waste.removeImages();
                }
            } catch (IOException e) {
                LOG.warn("not all was removed that nobody needs: {}", e.getMessage());
            }
        }
        if (wastes.isEmpty()) {
            return false;
        }
        try {
            return PressureState.met(thresholds, usage.look().observed(), true).isEmpty();
        } catch (IOException e) {
            LOG.warn("whether that was enough is not known: {}", e.getMessage());
            return false;
        }
    }

    /** Ends; pods stay as they are. */
    @Override
    public void close() {
        repeating.close();
    }
}
