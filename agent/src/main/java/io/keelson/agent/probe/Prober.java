package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;

/** Asks containers. */
@FunctionalInterface
public interface Prober {
    /**
     * Asks once. Takes as long as the probe says at most, and a little for what is around it.
     *
     * @param containerId the runtime's id of the run
     * @param podIp the pod's address; empty if it has none
     */
    ProbeAnswer ask(Container container, String containerId, Probe probe, String podIp) throws InterruptedException;
}
