package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.TopologySelectorLabelRequirement;
import io.fabric8.kubernetes.api.model.TopologySelectorTerm;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.scheduler.state.NodeState;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a volume can be made for a claim. */
final class Provisioner {
    private static final String NONE = "kubernetes.io/no-provisioner";

    private final @Nullable StorageClass storageClass;
    private final BigDecimal size;
    /** How much room there is; null if that does not matter, or nobody says. */
    private final @Nullable Collection<CSIStorageCapacity> capacities;

    /** Whether there is a place. */
    enum Place {
        /** There is. */
        FOUND,
        /** None is made there. */
        NOT_MADE,
        /** There is not room enough. */
        NO_ROOM
    }

    /**
     * What is said of a place.
     *
     * @param capacity the largest room that is there; null if nobody says
     */
    record Answer(Place place, @Nullable CSIStorageCapacity capacity) {}

    Provisioner(PersistentVolumeClaim claim, StorageState storage) {
        storageClass = storage.storageClass(StorageClasses.of(claim));
        size = StorageSizes.requested(claim);
        boolean asksForSize = claim.getSpec().getResources() != null
                && OrEmpty.of(claim.getSpec().getResources().getRequests()).containsKey(StorageSizes.STORAGE);
        CSIDriver driver = storageClass == null ? null : storage.driver(OrEmpty.of(storageClass.getProvisioner()));
        boolean saysRoom = driver != null
                && driver.getSpec() != null
                && OrEmpty.of(driver.getSpec().getStorageCapacity());
        capacities = asksForSize && saysRoom ? storage.capacities(StorageClasses.of(claim)) : null;
    }

    /** Whether a volume can be made that a node reaches. */
    Answer on(NodeState node) {
        if (storageClass == null
                || OrEmpty.of(storageClass.getProvisioner()).isEmpty()
                || NONE.equals(storageClass.getProvisioner())
                || !isAllowed(OrEmpty.of(storageClass.getAllowedTopologies()), node.labels())) {
            return new Answer(Place.NOT_MADE, null);
        }
        if (capacities == null) {
            return new Answer(Place.FOUND, null);
        }
        return capacities.stream()
                .filter(each -> room(each).compareTo(size) >= 0 && isReached(each, node))
                .max(Comparator.comparing(each -> StorageSizes.of(each.getCapacity())))
                .map(each -> new Answer(Place.FOUND, each))
                .orElseGet(() -> new Answer(Place.NO_ROOM, null));
    }

    /** No terms allow everything; a term without requirements allows nothing. */
    private static boolean isAllowed(List<TopologySelectorTerm> terms, Map<String, String> labels) {
        return terms.isEmpty()
                || terms.stream().anyMatch(term -> {
                    List<TopologySelectorLabelRequirement> all = OrEmpty.of(term.getMatchLabelExpressions());
                    return !all.isEmpty()
                            && all.stream()
                                    .allMatch(each -> OrEmpty.of(each.getValues())
                                            .contains(OrEmpty.of(labels.get(OrEmpty.of(each.getKey())))));
                });
    }

    /** How large a volume can be; nothing if that is not known. */
    private static BigDecimal room(CSIStorageCapacity capacity) {
        if (capacity.getMaximumVolumeSize() != null) {
            return StorageSizes.of(capacity.getMaximumVolumeSize());
        }
        return capacity.getCapacity() == null ? BigDecimal.ONE.negate() : StorageSizes.of(capacity.getCapacity());
    }

    private static boolean isReached(CSIStorageCapacity capacity, NodeState node) {
        if (capacity.getNodeTopology() == null) {
            return false;
        }
        try {
            return Selectors.of(capacity.getNodeTopology()).test(node.labels());
        } catch (IllegalArgumentException e) {
            // No server stores such a selector; it is no node's.
            return false;
        }
    }
}
