package io.keelson.scheduler;

import io.keelson.scheduler.config.SchedulerConfiguration;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import io.keelson.scheduler.queue.Backoff;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a scheduler works.
 *
 * @param profiles the schedulers that it is, each of a name of its own; one at least
 * @param extenders whom it asks over HTTP, in this order
 * @param percentageOfNodesToScore how many of the nodes that can take a pod are enough, in percent, where a profile does not
 *     say it; 0 for what suits the cluster's size
 * @param backoff how long pods wait
 * @param bindingsAtOnce how many bindings may be under way; further decisions wait
 * @param features what it does besides
 * @param verbosity from 2 on each binding is logged, from 3 on each decision
 */
public record SchedulerSettings(
        List<Profile> profiles,
        List<Extender> extenders,
        int percentageOfNodesToScore,
        Backoff backoff,
        int bindingsAtOnce,
        SchedulerFeatures features,
        int verbosity) {
    private static final int BINDINGS_AT_ONCE = 128;

    /** The scheduler that pods get that name none. */
    public static final SchedulerSettings DEFAULT = of(SchedulerConfiguration.defaults(), 0);

    public SchedulerSettings {
        profiles = List.copyOf(profiles);
        extenders = List.copyOf(extenders);
        if (profiles.isEmpty()) {
            throw new IllegalArgumentException("a scheduler needs a name");
        }
        Set<String> names = new HashSet<>();
        for (Profile profile : profiles) {
            if (!names.add(name(profile))) {
                throw new IllegalArgumentException("two profiles are called " + profile.schedulerName());
            }
        }
        requirePercentage(percentageOfNodesToScore);
        if (bindingsAtOnce < 1) {
            throw new IllegalArgumentException("without bindings nothing is scheduled");
        }
    }

    /** One scheduler of a name, all else being as usual. */
    public static SchedulerSettings of(String name, int bindingsAtOnce) {
        return new SchedulerSettings(
                List.of(Profile.of(name)), List.of(), 0, Backoff.DEFAULT, bindingsAtOnce, SchedulerFeatures.USUAL, 0);
    }

    /** As a file says. */
    public static SchedulerSettings of(SchedulerConfiguration configuration, int verbosity) {
        return new SchedulerSettings(
                configuration.profiles(),
                configuration.extenders(),
                configuration.percentageOfNodesToScore(),
                new Backoff(
                        Duration.ofSeconds(configuration.podInitialBackoffSeconds()),
                        Duration.ofSeconds(configuration.podMaxBackoffSeconds())),
                BINDINGS_AT_ONCE,
                SchedulerFeatures.USUAL,
                verbosity);
    }

    /** The same with other features. */
    public SchedulerSettings with(SchedulerFeatures other) {
        return new SchedulerSettings(
                profiles, extenders, percentageOfNodesToScore, backoff, bindingsAtOnce, other, verbosity);
    }

    /** The same where pods wait at most so long for something to happen that helps them. */
    SchedulerSettings withWaitingMax(Duration span) {
        return new SchedulerSettings(
                profiles,
                extenders,
                percentageOfNodesToScore,
                new Backoff(backoff.first(), backoff.last(), span),
                bindingsAtOnce,
                features,
                verbosity);
    }

    private static void requirePercentage(int percentage) {
        if (percentage < 0 || percentage > 100) {
            throw new IllegalArgumentException("percentageOfNodesToScore must be from 0 to 100, not " + percentage);
        }
    }

    static String name(Profile profile) {
        String name = profile.schedulerName();
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("a scheduler needs a name");
        }
        return name;
    }

    /** The names of its profiles, for people. */
    String name() {
        return String.join(", ", profiles.stream().map(each -> name(each)).toList());
    }
}
