package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.probe.ProbeResults;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * All that a plan depends on.
 *
 * @param pod as it is wanted, with the resources that it was given
 * @param runtime what there is of it
 * @param probes what its probes found
 * @param backOffs of its containers that were started again, by container and {@linkplain ContainerHash hash}
 * @param endedAt when runs were seen to have ended, by their id, by the clock that does not jump
 * @param actuated what running containers were told of their resources, by the id of the run, and what the pod as a whole
 *     has, by the id of its sandbox; where it says nothing, all is as it should be
 * @param replaced runs that were stopped to be followed by another whatever they ended with, by their id
 * @param startedAt when the node began with the pod, by the machine's clock
 * @param now by the clock that does not jump
 * @param wallClock the machine's clock
 * @param backOffLimit how long a container waits at most
 */
public record Situation(
        Pod pod,
        RuntimePod runtime,
        ProbeResults probes,
        Map<String, BackOff> backOffs,
        Map<String, Instant> endedAt,
        Map<String, ResourceRequirements> actuated,
        Set<String> replaced,
        Instant startedAt,
        Instant now,
        Instant wallClock,
        Duration backOffLimit) {}
