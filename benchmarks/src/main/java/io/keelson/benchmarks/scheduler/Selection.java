package io.keelson.benchmarks.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which sizes of which cases are run. */
final class Selection {
    /** The label of sizes that are large enough to say something. */
    static final String PERFORMANCE = "performance";

    private Selection() {}

    /** A case in a size. */
    record Chosen(PerfCase perfCase, PerfCase.Workload workload) {
        String name() {
            return perfCase.name() + "/" + workload.name();
        }
    }

    /**
     * Chooses by names.
     *
     * @param cases parts of names of cases, in any case; empty for all
     * @param workloads names of sizes; empty for those labelled {@value #PERFORMANCE}
     * @throws IllegalArgumentException if nothing has such a name, with those that there are
     */
    static List<Chosen> of(List<PerfCase> all, List<String> cases, List<String> workloads) {
        for (String wanted : cases) {
            if (all.stream().noneMatch(each -> isMeant(each, wanted))) {
                throw new IllegalArgumentException("no case's name has '" + wanted + "' in it; there are "
                        + String.join(", ", all.stream().map(PerfCase::name).toList()));
            }
        }
        List<Chosen> chosen = new ArrayList<>();
        for (PerfCase each : all) {
            if (!cases.isEmpty() && cases.stream().noneMatch(wanted -> isMeant(each, wanted))) {
                continue;
            }
            for (PerfCase.Workload workload : each.workloads()) {
                if (workloads.isEmpty()
                        ? workload.labels().contains(PERFORMANCE)
                        : workloads.contains(workload.name())) {
                    chosen.add(new Chosen(each, workload));
                }
            }
        }
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("none of the cases has a size "
                    + (workloads.isEmpty() ? "labelled " + PERFORMANCE : String.join(" or ", workloads))
                    + "; --list lists all");
        }
        return chosen;
    }

    private static boolean isMeant(PerfCase perfCase, String part) {
        return perfCase.name().toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }
}
