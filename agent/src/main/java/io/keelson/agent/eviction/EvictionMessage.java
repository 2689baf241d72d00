package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.Disk;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.controllers.objects.Amount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What users are told of a pod that was ended because its node was short of something. */
final class EvictionMessage {
    private EvictionMessage() {}

    /**
     * What is told.
     *
     * @param urgent the thresholds for which something is done, of which the first one of that sort is told
     * @param use what the pod uses; null if nothing is known
     */
    static String of(
            Scarce scarce, Pod pod, @Nullable PodUse use, List<Threshold> urgent, Map<Signal, Observation> observed) {
        StringBuilder text = new StringBuilder("The node was low on resource: " + scarce.text() + ". ");
        for (Threshold threshold : urgent) {
            Observation seen = observed.get(threshold.signal());
            if (threshold.signal().scarce() == scarce && seen != null) {
                boolean isBytes = scarce == Scarce.MEMORY || scarce == Scarce.EPHEMERAL_STORAGE;
                Amount available = isBytes ? Amount.bytes(seen.available()) : Amount.of(seen.available());
                text.append("Threshold quantity: ")
                        .append(threshold.value().of(seen.capacity()).quantity())
                        .append(", available: ")
                        .append(available.quantity())
                        .append(". ");
                break;
            }
        }
        if (use != null) {
            ofPod(scarce, pod, use).ifPresent(text::append);
            use.containers()
                    .forEach(container -> ofContainer(scarce, pod, container).ifPresent(text::append));
        }
        return text.toString();
    }

    private static Optional<String> ofPod(Scarce scarce, Pod pod, PodUse use) {
        ResourceRequirements own = pod.getSpec().getResources();
        if (scarce != Scarce.MEMORY || own == null || use.memoryBytes().isEmpty()) {
            return Optional.empty();
        }
        Amount request = Amount.list(own.getRequests()).get(scarce.text());
        return request == null
                ? Optional.empty()
                : Optional.of(told(
                        "Pod " + pod.getMetadata().getName(), use.memoryBytes().getAsLong(), request, scarce));
    }

    private static Optional<String> ofContainer(Scarce scarce, Pod pod, ContainerUse use) {
        Optional<Container> container = PodContainers.find(pod, use.name())
                .filter(found -> found.sort() != PodContainer.Sort.EPHEMERAL)
                .map(PodContainer::container);
        OptionalLong used = switch (scarce) {
            case MEMORY -> use.memoryBytes();
            case EPHEMERAL_STORAGE ->
                use.root().isPresent() && use.logs().isPresent()
                        ? OptionalLong.of(use.root().map(Disk::bytes).orElse(0L)
                                + use.logs().map(Disk::bytes).orElse(0L))
                        : OptionalLong.empty();
            case INODES, PIDS -> OptionalLong.empty();
        };
        if (container.isEmpty() || used.isEmpty()) {
            return Optional.empty();
        }
        ResourceRequirements resources = container.get().getResources();
        Amount request = resources == null
                ? Amount.ZERO
                : Amount.list(resources.getRequests()).getOrDefault(scarce.text(), Amount.ZERO);
        return request.compareTo(Amount.of(used.getAsLong())) < 0
                ? Optional.of(told("Container " + use.name(), used.getAsLong(), request, scarce))
                : Optional.empty();
    }

    private static String told(String who, long used, Amount request, Scarce scarce) {
        return who + " was using " + Amount.bytes(used).quantity() + ", request is " + request.quantity()
                + ", has larger consumption of " + scarce.text() + ". ";
    }
}
