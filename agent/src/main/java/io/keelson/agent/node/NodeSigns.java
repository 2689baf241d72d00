package io.keelson.agent.node;

import io.keelson.agent.devices.DeviceCounts;
import java.util.List;
import java.util.Set;

/**
 * How a node does now.
 *
 * @param problems why it takes no pods, in words; empty if it does
 * @param runtimeVersion {@code containerd://1.6.20}
 * @param images that it has, the largest first
 * @param volumesInUse names of volumes that pods here use, as {@code status.volumesInUse} has them
 * @param devices that plugins share out
 */
public record NodeSigns(
        List<String> problems,
        boolean memoryPressure,
        boolean diskPressure,
        boolean pidPressure,
        String runtimeVersion,
        List<Image> images,
        Set<String> volumesInUse,
        DeviceCounts devices) {

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
            String runtimeVersion,
            List<Image> images,
            Set<String> volumesInUse) {
        this(
                problems,
                memoryPressure,
                diskPressure,
                pidPressure,
                runtimeVersion,
                images,
                volumesInUse,
                DeviceCounts.NONE);
    }

    /** Keeps copies. */
    public NodeSigns {
        problems = List.copyOf(problems);
        images = List.copyOf(images);
        volumesInUse = Set.copyOf(volumesInUse);
    }
}
