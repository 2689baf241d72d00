package io.keelson.controllers.volumeexpand;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimConditionBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Claims and volumes on the way to another size: each step as a changed copy, the same object if it was taken before. */
final class Expansion {
    private static final String RESIZING = "Resizing";
    private static final String FILE_SYSTEM_RESIZE_PENDING = "FileSystemResizePending";
    private static final String IN_PROGRESS = "ControllerResizeInProgress";

    private Expansion() {}

    /** Whether a claim that is bound asks for more than it has. */
    static boolean isWanted(PersistentVolumeClaim claim) {
        return claim.getStatus() != null
                && "Bound".equals(claim.getStatus().getPhase())
                && !OrEmpty.of(claim.getSpec().getVolumeName()).isEmpty()
                && StorageSizes.requested(claim).compareTo(StorageSizes.granted(claim)) > 0;
    }

    /** Whether a volume is bound to this very claim. */
    static boolean isBoundTo(PersistentVolume volume, PersistentVolumeClaim claim) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference != null
                && Objects.equals(claim.getMetadata().getNamespace(), reference.getNamespace())
                && claim.getMetadata().getUid().equals(reference.getUid());
    }

    /** The claim, saying who expands its volume. */
    static PersistentVolumeClaim resizedBy(PersistentVolumeClaim claim, String resizer) {
        return resizer.equals(OrEmpty.of(claim.getMetadata().getAnnotations()).get(VolumeAnnotations.STORAGE_RESIZER))
                ? claim
                : new PersistentVolumeClaimBuilder(claim)
                        .editMetadata()
                        .addToAnnotations(VolumeAnnotations.STORAGE_RESIZER, resizer)
                        .endMetadata()
                        .build();
    }

    /** The claim, saying that its volume is being expanded. */
    static PersistentVolumeClaim begun(PersistentVolumeClaim claim, Instant now) {
        PersistentVolumeClaimStatus status = claim.getStatus();
        Quantity wanted = StorageSizes.requestedQuantity(claim);
        List<PersistentVolumeClaimCondition> conditions = OrEmpty.of(status.getConditions());
        boolean resizing = conditions.stream()
                .anyMatch(condition -> RESIZING.equals(condition.getType()) && "True".equals(condition.getStatus()));
        if (resizing
                && IN_PROGRESS.equals(
                        OrEmpty.of(status.getAllocatedResourceStatuses()).get(StorageSizes.STORAGE))
                && wanted.equals(OrEmpty.of(status.getAllocatedResources()).get(StorageSizes.STORAGE))) {
            return claim;
        }
        List<PersistentVolumeClaimCondition> others = withoutResize(conditions);
        others.add(new PersistentVolumeClaimConditionBuilder()
                .withType(RESIZING)
                .withStatus("True")
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build());
        return new PersistentVolumeClaimBuilder(claim)
                .editStatus()
                .withConditions(resizing ? conditions : others)
                .addToAllocatedResources(StorageSizes.STORAGE, wanted)
                .addToAllocatedResourceStatuses(StorageSizes.STORAGE, IN_PROGRESS)
                .endStatus()
                .build();
    }

    /** The volume, as large as its claim wants it; never smaller than it was. */
    static PersistentVolume enlarged(PersistentVolume volume, PersistentVolumeClaim claim) {
        return StorageSizes.of(volume).compareTo(StorageSizes.requested(claim)) >= 0
                ? volume
                : new PersistentVolumeBuilder(volume)
                        .editSpec()
                        .addToCapacity(StorageSizes.STORAGE, StorageSizes.requestedQuantity(claim))
                        .endSpec()
                        .build();
    }

    /** The claim, as large as its volume, nothing going on any more. */
    static PersistentVolumeClaim finished(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolumeClaimStatus status = claim.getStatus();
        Quantity size = volume.getSpec().getCapacity().get(StorageSizes.STORAGE);
        Map<String, String> open = new HashMap<>(OrEmpty.of(status.getAllocatedResourceStatuses()));
        open.remove(StorageSizes.STORAGE);
        return new PersistentVolumeClaimBuilder(claim)
                .editStatus()
                .addToCapacity(StorageSizes.STORAGE, size)
                .withConditions(withoutResize(OrEmpty.of(status.getConditions())))
                .withAllocatedResourceStatuses(open.isEmpty() ? null : open)
                .endStatus()
                .build();
    }

    private static List<PersistentVolumeClaimCondition> withoutResize(List<PersistentVolumeClaimCondition> conditions) {
        List<PersistentVolumeClaimCondition> others = new ArrayList<>(conditions);
        others.removeIf(condition ->
                RESIZING.equals(condition.getType()) || FILE_SYSTEM_RESIZE_PENDING.equals(condition.getType()));
        return others;
    }
}
