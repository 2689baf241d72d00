package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.Disk;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.resources.PodSums;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Optional;

/** Whether a pod uses more of the node's disks than it may, by what it says itself: nobody else is the worse for it. */
final class StorageLimits {
    private static final String STORAGE = Scarce.EPHEMERAL_STORAGE.text();

    private StorageLimits() {}

    /**
     * What a pod has gone beyond.
     *
     * @param limit as metrics call it
     * @param message what users are told
     */
    record Excess(String limit, String message) {}

    /** The first limit that it has gone beyond: of a volume, of the pod as a whole, of a container. */
    static Optional<Excess> excess(Pod pod, PodUse use, DiskLayout layout) {
        return ofVolumes(pod, use).or(() -> ofPod(pod, use)).or(() -> ofContainers(pod, use, layout));
    }

    private static Optional<Excess> ofVolumes(Pod pod, PodUse use) {
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            Disk used = use.volumes().get(volume.getName());
            if (volume.getEmptyDir() == null || used == null) {
                continue;
            }
            Amount limit = Amount.of(volume.getEmptyDir().getSizeLimit());
            if (limit.number().signum() > 0 && limit.compareTo(Amount.of(used.bytes())) < 0) {
                return Optional.of(new Excess(
                        "emptydirfs.limit",
                        "Usage of EmptyDir volume \"" + volume.getName() + "\" exceeds the limit \"" + limit.quantity()
                                + "\". "));
            }
        }
        return Optional.empty();
    }

    private static Optional<Excess> ofPod(Pod pod, PodUse use) {
        Long limit = PodSums.limits(pod).get(STORAGE);
        if (limit == null || use.storageBytes().orElse(0) <= PodSums.bytes(limit)) {
            return Optional.empty();
        }
        return Optional.of(new Excess(
                "ephemeralpodfs.limit",
                "Pod ephemeral local storage usage exceeds the total limit of containers " + text(pod, limit) + ". "));
    }

    /** The limit as the first container writes it that has one. */
    private static String text(Pod pod, long milli) {
        Amount.Style style = OrEmpty.of(pod.getSpec().getContainers()).stream()
                .map(StorageLimits::limit)
                .filter(amount -> !amount.isZero())
                .findFirst()
                .map(Amount::style)
                .orElse(Amount.Style.BINARY);
        Amount exact = Amount.of(Milli.quantity(milli));
        return new Amount(exact.number(), style).quantity().toString();
    }

    private static Optional<Excess> ofContainers(Pod pod, PodUse use, DiskLayout layout) {
        for (ContainerUse container : use.containers()) {
            long used = container.logs().map(Disk::bytes).orElse(0L);
            if (layout == DiskLayout.ONE) {
                used += container.root().map(Disk::bytes).orElse(0L);
            }
            Amount limit = OrEmpty.of(pod.getSpec().getContainers()).stream()
                    .filter(known -> known.getName().equals(container.name()))
                    .findFirst()
                    .map(StorageLimits::limit)
                    .orElse(Amount.ZERO);
            if (!limit.isZero() && limit.compareTo(Amount.of(used)) < 0) {
                return Optional.of(new Excess(
                        "ephemeralcontainerfs.limit",
                        "Container " + container.name() + " exceeded its local ephemeral storage limit \""
                                + limit.quantity() + "\". "));
            }
        }
        return Optional.empty();
    }

    private static Amount limit(Container container) {
        return container.getResources() == null
                ? Amount.ZERO
                : Amount.list(container.getResources().getLimits()).getOrDefault(STORAGE, Amount.ZERO);
    }
}
