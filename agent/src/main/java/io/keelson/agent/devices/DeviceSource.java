package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.HintSource;
import java.util.List;
import java.util.Map;

/** Devices of plugins, to whoever gives pods what they keep of the node. */
public final class DeviceSource implements HintSource {
    private final NodeDevices devices;

    /** Of these devices. */
    public DeviceSource(NodeDevices devices) {
        this.devices = devices;
    }

    @Override
    public Map<String, List<Hint>> hints(Pod pod, Container container) {
        return Map.of();
    }

    @Override
    public Map<String, List<Hint>> hints(Pod pod) {
        return Map.of();
    }

    @Override
    public void allocate(Pod pod, Container container, Hint where) throws PodProblem {
        try {
            devices.take(pod, container);
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
