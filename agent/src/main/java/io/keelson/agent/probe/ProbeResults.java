package io.keelson.agent.probe;

import java.util.Optional;

/** What probes found. Any thread. */
@FunctionalInterface
public interface ProbeResults {
    /** Of runs without probes. */
    ProbeResults NONE = (containerId, kind) -> Optional.empty();

    /**
     * The result for a run.
     *
     * @param containerId the runtime's id of the run
     * @return empty if the run has no probe of this kind, or is not known
     */
    Optional<ProbeResult> of(String containerId, ProbeKind kind);
}
