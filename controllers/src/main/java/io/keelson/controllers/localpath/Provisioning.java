package io.keelson.controllers.localpath;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides whether a claim gets a volume of this provisioner. */
final class Provisioning {
    /** Modes in which one node at a time has the volume. */
    private static final Set<String> ACCESS_MODES = Set.of("ReadWriteOnce", "ReadWriteOncePod");

    private Provisioning() {}

    /** What is to be done for a claim. */
    sealed interface Decision {}

    /** Nothing: it asks somebody else, or has a volume, or is not ready to be asked for. */
    record Nothing() implements Decision {}

    /** It can have none, and why. */
    record Refuse(String reason) implements Decision {}

    /** Its node is gone: the scheduler has to choose another one. */
    record Reschedule(String reason) implements Decision {}

    /** It gets a volume. */
    record Make(PersistentVolume volume) implements Decision {}

    /** Whether a claim waits for a volume of this provisioner. */
    static boolean isAsked(PersistentVolumeClaim claim) {
        Map<String, String> annotations = OrEmpty.of(claim.getMetadata().getAnnotations());
        String asked = annotations.getOrDefault(
                VolumeAnnotations.STORAGE_PROVISIONER, annotations.get(VolumeAnnotations.BETA_STORAGE_PROVISIONER));
        return LocalPathVolume.PROVISIONER.equals(asked)
                && OrEmpty.of(claim.getSpec().getVolumeName()).isEmpty()
                && !claim.isMarkedForDeletion();
    }

    /**
     * Decides.
     *
     * @param storageClass the claim's class; null if it is not there
     * @param node a node by its name, null if there is none of it
     */
    static Decision decide(
            PersistentVolumeClaim claim,
            @Nullable StorageClass storageClass,
            Function<String, @Nullable Node> node,
            String directory) {
        if (!isAsked(claim)) {
            return new Nothing();
        }
        if (storageClass == null) {
            return new Refuse("storageclass.storage.k8s.io \"" + StorageClasses.of(claim) + "\" not found");
        }
        if (!LocalPathVolume.PROVISIONER.equals(storageClass.getProvisioner())) {
            return new Nothing();
        }
        String selected =
                OrEmpty.of(OrEmpty.of(claim.getMetadata().getAnnotations()).get(VolumeAnnotations.SELECTED_NODE));
        if (selected.isEmpty() && StorageClasses.waitsForConsumer(storageClass)) {
            return new Nothing();
        }
        String refusal = refusal(claim, storageClass, selected);
        if (refusal != null) {
            return new Refuse(refusal);
        }
        Node chosen = node.apply(selected);
        return chosen == null
                ? new Reschedule("failed to get target node: nodes \"" + selected + "\" not found")
                : new Make(LocalPathVolume.of(claim, storageClass, chosen, directory));
    }

    private static @Nullable String refusal(PersistentVolumeClaim claim, StorageClass storageClass, String node) {
        if (node.isEmpty()) {
            return "configuration error, no node was specified: the class needs volumeBindingMode WaitForFirstConsumer";
        }
        if (!OrEmpty.of(storageClass.getParameters()).isEmpty()) {
            return "the class has parameters, and this provisioner knows none";
        }
        if (!OrEmpty.of(storageClass.getMountOptions()).isEmpty()) {
            return "the class has mount options, and a directory has none";
        }
        if (claim.getSpec().getSelector() != null) {
            return "claim.Spec.Selector is not supported";
        }
        if (claim.getSpec().getDataSource() != null || claim.getSpec().getDataSourceRef() != null) {
            return "a data source is not supported";
        }
        if (!OrEmpty.of(claim.getSpec().getVolumeAttributesClassName()).isEmpty()) {
            return "a volume attributes class is not supported";
        }
        String mode = OrEmpty.of(claim.getSpec().getVolumeMode());
        if (!mode.isEmpty() && !mode.equals("Filesystem")) {
            return "volume mode " + mode + " is not supported";
        }
        for (String accessMode : OrEmpty.of(claim.getSpec().getAccessModes())) {
            if (!ACCESS_MODES.contains(accessMode)) {
                return "access mode " + accessMode + " is not supported: only ReadWriteOnce and ReadWriteOncePod are";
            }
        }
        return StorageSizes.requested(claim).signum() > 0 ? null : "the claim requests no storage";
    }
}
