package io.keelson.scheduler;

/**
 * How a scheduler works.
 *
 * @param name which pods it schedules: those whose {@code spec.schedulerName} is this; who tells its events
 * @param percentageOfNodesToScore how many of the nodes that can take a pod are enough, in percent; 0 for what suits the
 *     cluster's size
 * @param bindingsAtOnce how many bindings may be under way; further decisions wait
 * @param verbosity from 2 on each binding is logged, from 3 on each decision
 */
public record SchedulerSettings(String name, int percentageOfNodesToScore, int bindingsAtOnce, int verbosity) {
    /** The scheduler that pods get that name none. */
    public static final SchedulerSettings DEFAULT = new SchedulerSettings("default-scheduler", 0, 128, 0);

    public SchedulerSettings {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a scheduler needs a name");
        }
        if (percentageOfNodesToScore < 0 || percentageOfNodesToScore > 100) {
            throw new IllegalArgumentException(
                    "percentageOfNodesToScore must be from 0 to 100, not " + percentageOfNodesToScore);
        }
        if (bindingsAtOnce < 1) {
            throw new IllegalArgumentException("without bindings nothing is scheduled");
        }
    }
}
