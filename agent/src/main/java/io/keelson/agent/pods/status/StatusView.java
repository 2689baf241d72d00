package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.probe.ProbeResults;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that a pod's status depends on.
 *
 * @param pod as it is wanted; its status is what the API has, of which conditions that are not the node's are kept
 * @param allocated the same with the resources that it was given
 * @param previous the status that the node said last; what it once said of runs that the runtime has forgotten is kept
 * @param runtime what there is of it
 * @param runtimeName how ids begin: {@code containerd}
 * @param waiting why containers wait, by their names
 * @param probes what its probes found
 * @param messages what runs said at their end, by the id of the run
 * @param actuated what running containers were told of their resources, by the id of the run, and what the pod as a whole
 *     has, by the id of its sandbox
 * @param devices how the devices of containers are, by the containers' names
 * @param replaced runs that another one follows whatever they end with, by their id
 * @param hostIps the node's addresses, its first one first
 * @param ending whether nothing of it will be started again
 * @param ended whether all of it has ended
 * @param verdict why it has failed as a whole, if it has
 * @param passing conditions that come and go: of a change of resources that is not done, of a start of all containers
 *     anew
 * @param startedAt when the node began with it
 * @param now the machine's clock
 */
public record StatusView(
        Pod pod,
        Pod allocated,
        PodStatus previous,
        RuntimePod runtime,
        String runtimeName,
        Map<String, Waiting> waiting,
        ProbeResults probes,
        Map<String, String> messages,
        Map<String, ResourceRequirements> actuated,
        Map<String, List<ResourceStatus>> devices,
        Set<String> replaced,
        List<String> hostIps,
        boolean ending,
        boolean ended,
        Optional<Verdict> verdict,
        List<PodCondition> passing,
        Instant startedAt,
        Instant now) {

    /**
     * Why a container waits.
     *
     * @param reason as {@code kubectl get pods} shows it
     */
    public record Waiting(String reason, String message) {}

    /**
     * Why a pod has failed as a whole.
     *
     * @param reason {@code Evicted}, {@code DeadlineExceeded}, …
     * @param disruption the message of its {@code DisruptionTarget} condition, of which the reason is {@code
     *     TerminationByKubelet}; empty if it is to have none
     * @param refused whether it was never let in, so that there is nothing to be said of its containers
     */
    public record Verdict(String reason, String message, String disruption, boolean refused) {}
}
