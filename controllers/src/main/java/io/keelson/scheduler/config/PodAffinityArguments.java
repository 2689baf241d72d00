package io.keelson.scheduler.config;

/**
 * {@code InterPodAffinityArgs}.
 *
 * @param hardPodAffinityWeight what a pod that must be near the new one counts for, from 0 to 100
 * @param ignorePreferredTermsOfExistingPods whether pods on nodes are asked only if the new pod itself has wishes
 */
public record PodAffinityArguments(Integer hardPodAffinityWeight, Boolean ignorePreferredTermsOfExistingPods)
        implements PluginArguments.Form {
    private static final int WEIGHT_MAX = 100;

    /** What counts if nothing is said. */
    public static final PodAffinityArguments DEFAULT = new PodAffinityArguments(1, false);

    public PodAffinityArguments {
        hardPodAffinityWeight = SchedulerConfiguration.or(hardPodAffinityWeight, 1);
        ignorePreferredTermsOfExistingPods = SchedulerConfiguration.or(ignorePreferredTermsOfExistingPods, false);
    }

    @Override
    public void check(String path) {
        Refused.requireRange(path + ".hardPodAffinityWeight", hardPodAffinityWeight, 0, WEIGHT_MAX);
    }
}
