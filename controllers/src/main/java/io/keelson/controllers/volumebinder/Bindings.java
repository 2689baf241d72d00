package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.keelson.controllers.objects.InTreeMigration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Changed copies of claims and volumes. Each method returns the object that it was given if nothing changes. */
public final class Bindings {
    private static final String YES = "yes";

    private Bindings() {}

    /** The volume, naming a claim. */
    public static PersistentVolume bound(PersistentVolume volume, PersistentVolumeClaim claim) {
        boolean named = VolumeMatch.names(volume, claim);
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (named && claim.getMetadata().getUid().equals(reference.getUid())) {
            return volume;
        }
        PersistentVolumeBuilder bound = new PersistentVolumeBuilder(volume)
                .editSpec()
                .withClaimRef(new ObjectReferenceBuilder()
                        .withApiVersion(claim.getApiVersion())
                        .withKind(claim.getKind())
                        .withNamespace(claim.getMetadata().getNamespace())
                        .withName(claim.getMetadata().getName())
                        .withUid(claim.getMetadata().getUid())
                        .withResourceVersion(claim.getMetadata().getResourceVersion())
                        .build())
                .endSpec();
        if (!named) {
            bound.editMetadata()
                    .addToAnnotations(VolumeAnnotations.BOUND_BY_CONTROLLER, YES)
                    .endMetadata();
        }
        return bound.build();
    }

    /** The claim, naming its volume, its binding complete. */
    static PersistentVolumeClaim bound(PersistentVolumeClaim claim, PersistentVolume volume) {
        String name = volume.getMetadata().getName();
        boolean named = name.equals(claim.getSpec().getVolumeName());
        boolean complete =
                OrEmpty.of(claim.getMetadata().getAnnotations()).containsKey(VolumeAnnotations.BIND_COMPLETED);
        if (named && complete) {
            return claim;
        }
        PersistentVolumeClaimBuilder bound = new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .addToAnnotations(VolumeAnnotations.BIND_COMPLETED, YES)
                .endMetadata();
        if (!named) {
            bound.editMetadata()
                    .addToAnnotations(VolumeAnnotations.BOUND_BY_CONTROLLER, YES)
                    .endMetadata()
                    .editSpec()
                    .withVolumeName(name)
                    .endSpec();
        }
        return bound.build();
    }

    /** The volume, free again: as a user made it, or naming no claim if it was the controller who chose the claim. */
    static PersistentVolume unbound(PersistentVolume volume) {
        if (volume.getSpec().getClaimRef() == null) {
            return volume;
        }
        PersistentVolumeBuilder unbound = new PersistentVolumeBuilder(volume);
        if (OrEmpty.of(volume.getMetadata().getAnnotations()).containsKey(VolumeAnnotations.BOUND_BY_CONTROLLER)) {
            return unbound.editMetadata()
                    .removeFromAnnotations(VolumeAnnotations.BOUND_BY_CONTROLLER)
                    .endMetadata()
                    .editSpec()
                    .withClaimRef(null)
                    .endSpec()
                    .build();
        }
        return unbound.editSpec()
                .editClaimRef()
                .withUid(null)
                .withResourceVersion(null)
                .endClaimRef()
                .endSpec()
                .build();
    }

    /** The volume in a phase, with a message that may be empty. */
    static PersistentVolume inPhase(PersistentVolume volume, String phase, String message) {
        if (volume.getStatus() != null && phase.equals(volume.getStatus().getPhase())) {
            return volume;
        }
        return new PersistentVolumeBuilder(volume)
                .editOrNewStatus()
                .withPhase(phase)
                .withMessage(message.isEmpty() ? null : message)
                .endStatus()
                .build();
    }

    /** The claim in a phase without a volume. */
    static PersistentVolumeClaim inPhase(PersistentVolumeClaim claim, String phase) {
        PersistentVolumeClaimStatus status = claim.getStatus();
        if (status != null
                && phase.equals(status.getPhase())
                && OrEmpty.of(status.getAccessModes()).isEmpty()
                && OrEmpty.of(status.getCapacity()).isEmpty()) {
            return claim;
        }
        return new PersistentVolumeClaimBuilder(claim)
                .editOrNewStatus()
                .withPhase(phase)
                .withAccessModes(List.of())
                .withCapacity(null)
                .endStatus()
                .build();
    }

    /**
     * The claim with the status that its volume gives it. Size and attributes are taken over when it becomes Bound, not
     * later: whoever expands or modifies the volume says when that is done.
     */
    static PersistentVolumeClaim withStatusOf(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolumeClaimStatus status = claim.getStatus();
        List<String> accessModes = OrEmpty.of(volume.getSpec().getAccessModes());
        boolean wasBound = status != null && "Bound".equals(status.getPhase());
        if (wasBound && accessModes.equals(OrEmpty.of(status.getAccessModes()))) {
            return claim;
        }
        PersistentVolumeClaimBuilder bound = new PersistentVolumeClaimBuilder(claim)
                .editOrNewStatus()
                .withPhase("Bound")
                .withAccessModes(accessModes)
                .endStatus();
        if (!wasBound) {
            bound.editStatus()
                    .withCurrentVolumeAttributesClassName(volume.getSpec().getVolumeAttributesClassName())
                    .endStatus();
            if (StorageSizes.of(volume).compareTo(StorageSizes.granted(claim)) != 0) {
                bound.editStatus().withCapacity(volume.getSpec().getCapacity()).endStatus();
            }
        }
        return bound.build();
    }

    /** The claim, of a class. */
    static PersistentVolumeClaim ofClass(PersistentVolumeClaim claim, String name) {
        return new PersistentVolumeClaimBuilder(claim)
                .editSpec()
                .withStorageClassName(name)
                .endSpec()
                .build();
    }

    /** The claim, asking a provisioner for a volume. */
    static PersistentVolumeClaim asking(PersistentVolumeClaim claim, String provisioner) {
        Map<String, String> annotations = OrEmpty.of(claim.getMetadata().getAnnotations());
        if (provisioner.equals(annotations.get(VolumeAnnotations.STORAGE_PROVISIONER))) {
            return claim;
        }
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .addToAnnotations(VolumeAnnotations.STORAGE_PROVISIONER, provisioner)
                .addToAnnotations(VolumeAnnotations.BETA_STORAGE_PROVISIONER, provisioner)
                .endMetadata()
                .build();
    }

    /** The claim, saying which CSI driver does the work of its in-tree provisioner, or that none does. */
    static PersistentVolumeClaim migrated(PersistentVolumeClaim claim) {
        Map<String, String> annotations = OrEmpty.of(claim.getMetadata().getAnnotations());
        String provisioner = annotations.getOrDefault(
                VolumeAnnotations.STORAGE_PROVISIONER, annotations.get(VolumeAnnotations.BETA_STORAGE_PROVISIONER));
        String driver = driver(annotations, provisioner);
        if (Objects.equals(driver, annotations.get(VolumeAnnotations.MIGRATED_TO))) {
            return claim;
        }
        PersistentVolumeClaimBuilder migrated = new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .removeFromAnnotations(VolumeAnnotations.MIGRATED_TO)
                .endMetadata();
        return driver == null
                ? migrated.build()
                : migrated.editMetadata()
                        .addToAnnotations(VolumeAnnotations.MIGRATED_TO, driver)
                        .endMetadata()
                        .build();
    }

    /** The volume, saying which CSI driver does the work of its in-tree provisioner, or that none does. */
    static PersistentVolume migrated(PersistentVolume volume) {
        Map<String, String> annotations = OrEmpty.of(volume.getMetadata().getAnnotations());
        String driver = driver(annotations, annotations.get(VolumeAnnotations.PROVISIONED_BY));
        if (Objects.equals(driver, annotations.get(VolumeAnnotations.MIGRATED_TO))) {
            return volume;
        }
        PersistentVolumeBuilder migrated = new PersistentVolumeBuilder(volume)
                .editMetadata()
                .removeFromAnnotations(VolumeAnnotations.MIGRATED_TO)
                .endMetadata();
        return driver == null
                ? migrated.build()
                : migrated.editMetadata()
                        .addToAnnotations(VolumeAnnotations.MIGRATED_TO, driver)
                        .endMetadata()
                        .build();
    }

    private static @Nullable String driver(Map<String, String> annotations, @Nullable String provisioner) {
        // Without a provisioner there is nothing to say, and what is said is not ours.
        return provisioner == null
                ? annotations.get(VolumeAnnotations.MIGRATED_TO)
                : InTreeMigration.driver(provisioner);
    }
}
