package io.keelson.apiserver.admission.podsecurity;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All checks of all releases, and what is against a standard in a pod. */
final class Checks {
    static final List<Check> ALL = Stream.concat(BaselineChecks.ALL.stream(), RestrictedChecks.ALL.stream())
            .toList();

    /** The last release that changed anything; later ones are as this. */
    static final int NEWEST = ALL.stream().mapToInt(Check::since).max().orElse(0);

    private static final List<List<Check>> BASELINE = byVersion(Level.BASELINE);
    private static final List<List<Check>> RESTRICTED = byVersion(Level.RESTRICTED);

    private Checks() {}

    private static List<List<Check>> byVersion(Level level) {
        List<List<Check>> all = new ArrayList<>();
        for (int minor = 0; minor <= NEWEST; minor++) {
            int version = minor;
            List<Check> checks = ALL.stream()
                    .filter(check -> check.isIn(version) && check.level().compareTo(level) <= 0)
                    .toList();
            Set<String> replaced = checks.stream().map(Check::instead).collect(Collectors.toSet());
            all.add(checks.stream()
                    .filter(check -> !replaced.contains(check.id()))
                    .toList());
        }
        return List.copyOf(all);
    }

    /** What is against a standard in a pod; those of the baseline first, each by its id. */
    static List<Finding> findings(Standard standard, PodView pod) {
        int version = Math.min(standard.minor(), NEWEST);
        List<Check> checks = switch (standard.level()) {
            case PRIVILEGED -> List.of();
            case BASELINE -> BASELINE.get(version);
            case RESTRICTED -> RESTRICTED.get(version);
        };
        List<Finding> findings = new ArrayList<>();
        for (Check check : checks) {
            Finding finding = check.look().apply(pod);
            if (finding != null) {
                findings.add(finding);
            }
        }
        return findings;
    }
}
