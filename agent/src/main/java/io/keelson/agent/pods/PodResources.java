package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.wire.cri.CDIDevice;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.Mount;
import java.util.List;
import java.util.Map;
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

    /** Whether containers may have processors of their own, for as long as they run. */
    boolean hasExclusiveCpus();

    /**
     * What a container gets of devices: of those that plugins share out, and of those that were claimed for it.
     *
     * @param mounts files of the node that come with them
     * @param variables that tell it of them
     * @param annotations that tell the runtime of them
     * @param names of devices that the runtime knows more of, {@code VENDOR/CLASS=NAME}
     */
    record Devices(
            List<Device> devices,
            List<Mount> mounts,
            Map<String, String> variables,
            Map<String, String> annotations,
            List<CDIDevice> names) {
        /** No devices. */
        public static final Devices NONE = new Devices(List.of(), List.of(), Map.of(), Map.of(), List.of());
    }

    /** The devices of a container. Where nothing shares any out, there are none. */
    default Devices devices(Pod pod, Container container) throws PodProblem {
        return Devices.NONE;
    }

    /**
     * How the devices of a container are, by what gave them: the name of a resource, or {@code claim:NAME} with {@code
     * /REQUEST} where the container asks for a part of the claim. Costs little.
     */
    default List<ResourceStatus> health(Pod pod, Container container) {
        return List.of();
    }

    /** The overhead and the sum of a pod's containers, as runtimes are told with the sandbox. */
    LinuxContainerResources ofPod(Pod pod);

    /** What a pod's sandbox uses itself, as its runtime class says. */
    default LinuxContainerResources overhead(Pod pod) {
        return LinuxContainerResources.getDefaultInstance();
    }

    /** Takes the pod's cgroup away, whose containers are gone; right when repeated. */
    void release(String podUid) throws PodProblem;

    /** The uids of pods that have a cgroup, also from before a restart. */
    Set<String> podsWithCgroups();
}
