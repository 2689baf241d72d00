package io.keelson.scheduler;

import io.keelson.controllers.runtime.Events;
import io.keelson.scheduler.config.PreemptionArguments;
import io.keelson.scheduler.config.SchedulerConfiguration;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.DecisionWatch;
import io.keelson.scheduler.decision.PreEnqueue;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.queue.Gates;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.Hints;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The profiles of a scheduler by their names, as pods ask for them. */
final class Profiles implements Gates {
    private final Map<String, RunningProfile> profiles = new LinkedHashMap<>();

    /**
     * Makes them.
     *
     * @throws IllegalArgumentException if one makes no sense
     */
    Profiles(SchedulerSettings settings, PluginRegistry registry, Events events, RandomGenerator random) {
        this(settings, registry, events, random, ignored -> DecisionWatch.NOBODY);
    }

    /**
     * Makes them.
     *
     * @param watches who is told of the decisions of a profile, by its name
     * @throws IllegalArgumentException if one makes no sense
     */
    Profiles(
            SchedulerSettings settings,
            PluginRegistry registry,
            Events events,
            RandomGenerator random,
            Function<String, DecisionWatch> watches) {
        for (Profile profile : settings.profiles()) {
            String name = SchedulerSettings.name(profile);
            Plugins plugins = registry.plugins(profile, DefaultPlugins.ENABLED);
            Integer percentage = profile.percentageOfNodesToScore();
            PreemptionArguments room = plugins.preemption();
            profiles.put(
                    name,
                    new RunningProfile(
                            name,
                            plugins,
                            new Decider(
                                    plugins.filters(),
                                    plugins.scores(),
                                    percentage == null ? settings.percentageOfNodesToScore() : percentage,
                                    random,
                                    watches.apply(name)),
                            room == null
                                    ? null
                                    : new DefaultPreemption(
                                            plugins.filters(),
                                            random,
                                            room.minCandidateNodesPercentage(),
                                            room.minCandidateNodesAbsolute()),
                            events.from(name)));
        }
    }

    /** All of them. */
    Collection<RunningProfile> all() {
        return profiles.values();
    }

    /** Which one a pod asks for; null if it asks for a scheduler that is not here. */
    @Nullable
    RunningProfile find(String schedulerName) {
        return profiles.get(schedulerName.isEmpty() ? SchedulerConfiguration.DEFAULT_NAME : schedulerName);
    }

    /** The one of a pod that is scheduled here. */
    RunningProfile of(PodInfo pod) {
        return Objects.requireNonNull(find(pod.schedulerName()), "pods of others are not scheduled here");
    }

    @Override
    public @Nullable String heldBy(PodInfo pod) {
        PreEnqueue holding = holding(pod);
        return holding == null ? null : holding.name();
    }

    private @Nullable PreEnqueue holding(PodInfo pod) {
        for (PreEnqueue each : of(pod).plugins().holds()) {
            if (each.hold(pod) != null) {
                return each;
            }
        }
        return null;
    }

    /** Why a pod is held, for users; null if it is not. */
    @Nullable
    String whyHeld(PodInfo pod) {
        PreEnqueue holding = holding(pod);
        return holding == null ? null : holding.hold(pod);
    }

    /**
     * What can undo rejections, by what the profile of the pod says.
     *
     * @param watch is told how long plugins take to say it
     */
    Hints hints(ClusterState state, HintWatch watch) {
        Map<String, Hints> byName = new LinkedHashMap<>();
        profiles.forEach((name, profile) ->
                byName.put(name, new PluginHints(profile.plugins().rejecting(), state)));
        return new ProfileHints(byName, pod -> of(pod).name(), watch);
    }
}
