package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.Disk;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.pods.Samples;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Pods, and what they use. */
final class TestUse {
    static final long MEBI = 1 << 20;

    private TestUse() {}

    /** A pod of a uid, which is its name as well. */
    static Pod pod(String uid, String spec) {
        return new PodBuilder(Samples.pod(spec))
                .editMetadata()
                .withUid(uid)
                .withName(uid)
                .endMetadata()
                .build();
    }

    /** A pod of one container that asks for this much memory; for none with 0. */
    static Pod asking(String uid, long memoryBytes, int priority) {
        String resources = memoryBytes == 0 ? "{}" : "{requests: {memory: \"" + memoryBytes + "\"}}";
        return pod(uid, "priority: " + priority + "\ncontainers: [{name: c, image: i, resources: " + resources + "}]");
    }

    /** A pod of one container {@code c} that uses this much memory. */
    static PodUse memory(long bytes) {
        return new PodUse(
                OptionalLong.of(bytes),
                OptionalLong.of(1),
                OptionalLong.empty(),
                List.of(new ContainerUse("c", OptionalLong.of(bytes), Optional.empty(), Optional.empty())),
                Map.of());
    }

    /** A pod of one container {@code c} that has so many bytes of disk, in a file for each. */
    static PodUse disk(long root, long logs, Map<String, Long> volumes) {
        Map<String, Disk> disks = volumes.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, volume -> new Disk(volume.getValue(), volume.getValue())));
        long all = root
                + logs
                + volumes.values().stream().mapToLong(bytes -> bytes).sum();
        return new PodUse(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(all),
                List.of(new ContainerUse(
                        "c",
                        OptionalLong.empty(),
                        Optional.of(new Disk(root, root)),
                        Optional.of(new Disk(logs, logs)))),
                disks);
    }
}
