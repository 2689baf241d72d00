package io.keelson.scheduler.config;

/**
 * {@code DefaultPreemptionArgs}: on how many of the nodes on which it could help preemption is tried, the larger of both.
 *
 * @param minCandidateNodesPercentage from 0 to 100
 * @param minCandidateNodesAbsolute a number of nodes
 */
public record PreemptionArguments(Integer minCandidateNodesPercentage, Integer minCandidateNodesAbsolute)
        implements PluginArguments.Form {
    private static final int PERCENT_MAX = 100;

    /** What counts if nothing is said. */
    public static final PreemptionArguments DEFAULT = new PreemptionArguments(10, 100);

    public PreemptionArguments {
        minCandidateNodesPercentage = SchedulerConfiguration.or(minCandidateNodesPercentage, 10);
        minCandidateNodesAbsolute = SchedulerConfiguration.or(minCandidateNodesAbsolute, 100);
    }

    @Override
    public void check(String path) {
        String percentage = path + ".minCandidateNodesPercentage";
        Refused.requireRange(percentage, minCandidateNodesPercentage, 0, PERCENT_MAX);
        if (minCandidateNodesAbsolute < 0) {
            throw Refused.invalid(
                    path + ".minCandidateNodesAbsolute", minCandidateNodesAbsolute, "not in valid range [0, inf)");
        }
        if (minCandidateNodesPercentage == 0 && minCandidateNodesAbsolute == 0) {
            throw Refused.invalid(
                    percentage,
                    minCandidateNodesPercentage,
                    "cannot be zero at the same time as minCandidateNodesAbsolute");
        }
    }
}
