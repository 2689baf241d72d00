package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.util.Set;

/** Processors, memory and the like: what the kernel is told for a pod. */
public interface PodResources {
    /**
     * Makes the pod's cgroup, or brings its limits up to date, and returns what the runtime is to put the pod's containers
     * under.
     *
     * @return {@code cgroup_parent} of the sandbox
     */
    String cgroup(Pod pod) throws PodProblem;

    /** A container's share and limits. */
    LinuxContainerResources ofContainer(Pod pod, Container container) throws PodProblem;

    /** The overhead and the sum of a pod's containers, as runtimes are told with the sandbox. */
    LinuxContainerResources ofPod(Pod pod);

    /** Takes the pod's cgroup away, whose containers are gone; right when repeated. */
    void release(String podUid) throws PodProblem;

    /** The uids of pods that have a cgroup, also from before a restart. */
    Set<String> podsWithCgroups();
}
