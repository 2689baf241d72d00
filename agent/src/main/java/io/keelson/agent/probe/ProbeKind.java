package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import org.jspecify.annotations.Nullable;

/** What a probe is for. */
public enum ProbeKind {
    /** Whether a container has come up; until it has, the others do not ask. */
    STARTUP("Startup", ProbeResult.UNKNOWN),
    /** Whether it is to be let live. */
    LIVENESS("Liveness", ProbeResult.SUCCESS),
    /** Whether it can do its work. */
    READINESS("Readiness", ProbeResult.FAILURE);

    private final String title;
    private final ProbeResult initial;

    ProbeKind(String title, ProbeResult initial) {
        this.title = title;
        this.initial = initial;
    }

    /** As events name it. */
    public String title() {
        return title;
    }

    /** What counts before it has asked. */
    ProbeResult initial() {
        return initial;
    }

    /** A container's probe of this kind; null if it has none. */
    public @Nullable Probe of(Container container) {
        return switch (this) {
            case STARTUP -> container.getStartupProbe();
            case LIVENESS -> container.getLivenessProbe();
            case READINESS -> container.getReadinessProbe();
        };
    }
}
