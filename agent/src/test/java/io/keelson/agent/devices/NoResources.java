package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.util.Set;

/** A node without limits. */
final class NoResources implements PodResources {
    @Override
    public String cgroup(Pod pod) {
        return "";
    }

    @Override
    public boolean hasExclusiveCpus() {
        return false;
    }

    @Override
    public LinuxContainerResources ofContainer(Pod pod, Container container) {
        return LinuxContainerResources.getDefaultInstance();
    }

    @Override
    public LinuxContainerResources ofPod(Pod pod) {
        return LinuxContainerResources.getDefaultInstance();
    }

    @Override
    public void release(String podUid) {}

    @Override
    public Set<String> podsWithCgroups() {
        return Set.of("other");
    }
}
