package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.wire.cri.CDIDevice;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processors and memory as another one has them, and devices besides. */
public final class DeviceResources implements PodResources {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceResources.class);

    private final PodResources others;
    private final NodeDevices devices;

    /** @param others all but devices */
    public DeviceResources(PodResources others, NodeDevices devices) {
        this.others = others;
        this.devices = devices;
    }

    @Override
    public String cgroup(Pod pod) throws PodProblem {
        return others.cgroup(pod);
    }

    @Override
    public boolean hasExclusiveCpus() {
        return others.hasExclusiveCpus();
    }

    @Override
    public LinuxContainerResources ofContainer(Pod pod, Container container) throws PodProblem {
        return others.ofContainer(pod, container);
    }

    @Override
    public LinuxContainerResources ofPod(Pod pod) {
        return others.ofPod(pod);
    }

    @Override
    public LinuxContainerResources overhead(Pod pod) {
        return others.overhead(pod);
    }

    @Override
    public Devices devices(Pod pod, Container container) throws PodProblem {
        try {
            return together(others.devices(pod, container), devices.prepare(pod, container));
        } catch (DeviceProblem e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PodProblem("CreateContainerConfigError", "", "interrupted while a device plugin was asked", e);
        }
    }

    /** Of two that say something of the same variable, path or annotation, the first one counts. */
    static Devices together(Devices first, Map<String, Given> given) {
        List<Device> nodes = new ArrayList<>(first.devices());
        List<Mount> mounts = new ArrayList<>(first.mounts());
        Map<String, String> variables = new LinkedHashMap<>(first.variables());
        Map<String, String> annotations = new LinkedHashMap<>(first.annotations());
        List<CDIDevice> names = new ArrayList<>(first.names());
        new TreeMap<>(given).forEach((resource, what) -> {
            ContainerAllocateResponse answer = what.answer();
            answer.getEnvsMap().forEach((name, value) -> put(variables, name, value, resource));
            answer.getAnnotationsMap().forEach((name, value) -> put(annotations, name, value, resource));
            answer.getDevicesList().forEach(device -> {
                if (nodes.stream().noneMatch(known -> known.getContainerPath().equals(device.getContainerPath()))) {
                    nodes.add(Device.newBuilder()
                            .setContainerPath(device.getContainerPath())
                            .setHostPath(device.getHostPath())
                            .setPermissions(device.getPermissions())
                            .build());
                }
            });
            answer.getMountsList().forEach(mount -> {
                if (mounts.stream().noneMatch(known -> known.getContainerPath().equals(mount.getContainerPath()))) {
                    mounts.add(Mount.newBuilder()
                            .setContainerPath(mount.getContainerPath())
                            .setHostPath(mount.getHostPath())
                            .setReadonly(mount.getReadOnly())
                            .build());
                }
            });
            answer.getCdiDevicesList().forEach(device -> {
                if (names.stream().noneMatch(known -> known.getName().equals(device.getName()))) {
                    names.add(CDIDevice.newBuilder().setName(device.getName()).build());
                }
            });
        });
        return new Devices(nodes, mounts, variables, annotations, names);
    }

    private static void put(Map<String, String> all, String name, String value, String resource) {
        String before = all.putIfAbsent(name, value);
        if (before != null && !before.equals(value)) {
            LOG.warn("{} says another {} than others: theirs counts", resource, name);
        }
    }

    @Override
    public List<ResourceStatus> health(Pod pod, Container container) {
        List<ResourceStatus> all = new ArrayList<>(others.health(pod, container));
        all.addAll(devices.health(pod.getMetadata().getUid(), container.getName()));
        return all;
    }

    /** Devices are free when nothing of the pod's processes is left that could use them. */
    @Override
    public void release(String podUid) throws PodProblem {
        others.release(podUid);
        devices.release(podUid);
    }

    @Override
    public Set<String> podsWithCgroups() {
        Set<String> all = new HashSet<>(others.podsWithCgroups());
        all.addAll(devices.pods());
        return all;
    }
}
