package io.keelson.controllers.manager;

import io.keelson.controllers.leader.ElectionTerms;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of the election of a leader. */
public final class ElectionFlags {
    @Option(
            names = "--leader-elect",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether only the one process of several acts that is elected. Default: true")
    private boolean elect;

    @Option(
            names = "--leader-elect-lease-duration",
            defaultValue = "15s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long others wait for a leader that does not renew its lease. Default: 15s")
    private Duration leaseDuration;

    @Option(
            names = "--leader-elect-renew-deadline",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long a leader goes on that cannot renew its lease. Default: 10s")
    private Duration renewDeadline;

    @Option(
            names = "--leader-elect-retry-period",
            defaultValue = "2s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long to wait between tries. Default: 2s")
    private Duration retryPeriod;

    @Option(
            names = "--leader-elect-resource-lock",
            defaultValue = "leases",
            paramLabel = "KIND",
            description = "By what kind of object they agree: leases, and no other. Default: leases")
    private String resourceLock;

    @Option(
            names = "--leader-elect-resource-name",
            paramLabel = "NAME",
            description = "The name of the lease. Default: the name that the component has in Kubernetes")
    private @Nullable String resourceName;

    @Option(
            names = "--leader-elect-resource-namespace",
            defaultValue = "kube-system",
            paramLabel = "NAMESPACE",
            description = "The namespace of the lease. Default: kube-system")
    private String resourceNamespace;

    /** Whether there is an election. */
    boolean elect() {
        return elect;
    }

    /**
     * The terms of a component.
     *
     * @param component after which the lease is called if no flag says how
     * @throws IllegalArgumentException if the flags make no sense together; its text names the flag
     */
    ElectionTerms terms(String component) {
        if (!resourceLock.equals("leases")) {
            throw new IllegalArgumentException("--leader-elect-resource-lock: only leases, not " + resourceLock);
        }
        String name = resourceName == null ? component : resourceName;
        return new ElectionTerms(resourceNamespace, name, leaseDuration, renewDeadline, retryPeriod);
    }
}
