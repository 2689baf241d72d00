package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.HintSource;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.List;
import java.util.Map;

/** Devices of plugins, to whoever gives pods what they keep of the node. */
public final class DeviceSource implements HintSource {
    private final NodeDevices devices;
    private final NodeSet all;

    /**
     * Of these devices.
     *
     * @param all the machine's NUMA nodes
     */
    public DeviceSource(NodeDevices devices, NodeSet all) {
        this.devices = devices;
        this.all = all;
    }

    @Override
    public Map<String, List<Hint>> hints(Pod pod, Container container) throws PodProblem {
        try {
            return devices.hints(pod, container, all);
        } catch (DeviceProblem e) {
            throw refused(e);
        }
    }

    @Override
    public Map<String, List<Hint>> hints(Pod pod) throws PodProblem {
        try {
            return devices.hints(pod, all);
        } catch (DeviceProblem e) {
            throw refused(e);
        }
    }

    @Override
    public void allocate(Pod pod, Container container, Hint where) throws PodProblem {
        try {
            devices.take(pod, container, where.nodes());
        } catch (DeviceProblem e) {
            throw refused(e);
        }
    }

    @Override
    public void complete(Pod pod) throws PodProblem, InterruptedException {
        try {
            devices.complete(pod);
        } catch (DeviceProblem e) {
            throw refused(e);
        }
    }

    private static PodProblem refused(DeviceProblem why) {
        return new PodProblem("", "", "Allocate failed due to " + why.message() + ", which is unexpected", why);
    }

    @Override
    public void release(String podUid) {
        devices.release(podUid);
    }
}
