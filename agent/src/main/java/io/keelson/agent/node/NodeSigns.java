package io.keelson.agent.node;

import io.keelson.agent.devices.DeviceCounts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a node does now.
 *
 * @param problems why it takes no pods, in words; empty if it does
 * @param runtime where its containers run
 * @param images that it has, the largest first
 * @param volumesInUse names of volumes that pods here use, as {@code status.volumesInUse} has them
 * @param devices that plugins share out
 */
public record NodeSigns(
        List<String> problems,
        boolean memoryPressure,
        boolean diskPressure,
        boolean pidPressure,
        ContainerRuntime runtime,
        List<Image> images,
        Set<String> volumesInUse,
        DeviceCounts devices) {

    /**
     * A container runtime.
     *
     * @param version {@code containerd://1.6.20}
     * @param handlers what can be had, by their names, the usual one under the empty name; empty if it does not say
     * @param supplementalGroupsPolicy whether it can leave the image's groups away
     */
    public record ContainerRuntime(String version, Map<String, Handler> handlers, boolean supplementalGroupsPolicy) {
        /** Keeps a copy, in the order of the names. */
        public ContainerRuntime {
            handlers = Collections.unmodifiableMap(new TreeMap<>(handlers));
        }
    }

    /** What a handler of a runtime can do. */
    public record Handler(boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    /** An image. */
    public record Image(List<String> names, long bytes) {
        /** Keeps a copy. */
        public Image {
            names = List.copyOf(names);
        }
    }

    /** One without devices. */
    public NodeSigns(
            List<String> problems,
            boolean memoryPressure,
            boolean diskPressure,
            boolean pidPressure,
            ContainerRuntime runtime,
            List<Image> images,
            Set<String> volumesInUse) {
        this(problems, memoryPressure, diskPressure, pidPressure, runtime, images, volumesInUse, DeviceCounts.NONE);
    }

    /** Keeps copies. */
    public NodeSigns {
        problems = List.copyOf(problems);
        images = List.copyOf(images);
        volumesInUse = Set.copyOf(volumesInUse);
    }
}
