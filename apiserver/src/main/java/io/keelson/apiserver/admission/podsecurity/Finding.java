package io.keelson.apiserver.admission.podsecurity;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something in a pod that is against a standard.
 *
 * @param reason in general: {@code hostPort}
 * @param detail where: {@code container "web" uses hostPort 80}
 */
record Finding(String reason, String detail) {
    /** All of them, in general. */
    static String reasons(List<Finding> findings) {
        return findings.stream().map(Finding::reason).collect(Collectors.joining(", "));
    }

    /** All of them, in detail. */
    static String details(List<Finding> findings) {
        return findings.stream().map(Finding::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return reason + " (" + detail + ")";
    }
}
