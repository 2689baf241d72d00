package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.InTreeMigration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what is to become of a claim, from what is seen. */
final class ClaimRules {
    private static final String IN_TREE = "kubernetes.io/";

    private final Volumes volumes;
    private final boolean dynamicProvisioning;

    ClaimRules(Volumes volumes, boolean dynamicProvisioning) {
        this.volumes = volumes;
        this.dynamicProvisioning = dynamicProvisioning;
    }

    ClaimDecision decide(PersistentVolumeClaim claim) {
        if (annotation(claim, VolumeAnnotations.BIND_COMPLETED) != null) {
            return bound(claim);
        }
        String wanted = OrEmpty.of(claim.getSpec().getVolumeName());
        return wanted.isEmpty() ? unbound(claim) : asking(claim, wanted);
    }

    /** A claim that was bound once. */
    private ClaimDecision bound(PersistentVolumeClaim claim) {
        String name = OrEmpty.of(claim.getSpec().getVolumeName());
        if (name.isEmpty()) {
            return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
        }
        PersistentVolume seen = volumes.volume(name);
        // What a cache does not know may be new to it: data is said to be lost only when it is.
        PersistentVolume volume = seen != null ? seen : volumes.liveVolume(name);
        if (volume == null) {
            return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        }
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (reference == null || claim.getMetadata().getUid().equals(reference.getUid())) {
            return new ClaimDecision.Bind(volume);
        }
        return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
    }

    private static ClaimDecision lost(String reason, String message) {
        return new ClaimDecision.Lost(Told.warning(reason, message));
    }

    /** A claim that asks for a certain volume, or whose binding was not completed. */
    private ClaimDecision asking(PersistentVolumeClaim claim, String name) {
        PersistentVolume volume = volumes.volume(name);
        if (volume == null) {
            return new ClaimDecision.Wait(null);
        }
        if (VolumeMatch.names(volume, claim)) {
            return new ClaimDecision.Bind(volume);
        }
        if (volume.getSpec().getClaimRef() != null) {
            return new ClaimDecision.Wait(
                    Told.warning("FailedBinding", "volume \"" + name + "\" already bound to a different claim."));
        }
        String mismatch = VolumeMatch.mismatch(volume, claim);
        return mismatch == null
                ? new ClaimDecision.Bind(volume)
                : new ClaimDecision.Wait(Told.warning(
                        "VolumeMismatch", "Cannot bind to requested volume \"" + name + "\": " + mismatch));
    }

    /** A claim for which a volume has to be found. */
    private ClaimDecision unbound(PersistentVolumeClaim claim) {
        String className = StorageClasses.of(claim);
        StorageClass storageClass = className.isEmpty() ? null : volumes.storageClass(className);
        boolean waits = StorageClasses.waitsForConsumer(storageClass);
        // Where a pod's node matters, the scheduler chooses the volume, and says so on the volume.
        List<PersistentVolume> available = waits ? List.of() : volumes.available(className, claim);
        PersistentVolume best = VolumeMatch.best(claim, volumes.naming(claim), available, null);
        if (best != null) {
            return new ClaimDecision.Bind(best);
        }
        if (StorageClasses.isOpen(claim)) {
            StorageClass fallback = volumes.defaultClass();
            if (fallback != null) {
                return new ClaimDecision.AssignClass(fallback.getMetadata().getName());
            }
        }
        if (waits && annotation(claim, VolumeAnnotations.SELECTED_NODE) == null) {
            return new ClaimDecision.Wait(consumer(claim));
        }
        if (className.isEmpty()) {
            return new ClaimDecision.Wait(Told.normal(
                    "FailedBinding", "no persistent volumes available for this claim and no storage class is set"));
        }
        return dynamicProvisioning ? provision(className, storageClass) : new ClaimDecision.Wait(null);
    }

    private Told consumer(PersistentVolumeClaim claim) {
        List<String> pods = volumes.unscheduledPods(claim).stream().sorted().toList();
        return switch (pods.size()) {
            case 0 -> Told.normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
            case 1 -> Told.normal("WaitForPodScheduled", "waiting for pod " + pods.getFirst() + " to be scheduled");
            default ->
                Told.normal("WaitForPodScheduled", "waiting for pods " + String.join(",", pods) + " to be scheduled");
        };
    }

    private static ClaimDecision provision(String className, @Nullable StorageClass storageClass) {
        if (storageClass == null) {
            return cannot("storageclass.storage.k8s.io \"" + className + "\" not found");
        }
        String provisioner = OrEmpty.of(storageClass.getProvisioner());
        String driver = InTreeMigration.driver(provisioner);
        if (driver != null) {
            return new ClaimDecision.AskProvisioner(driver);
        }
        return provisioner.startsWith(IN_TREE)
                ? cannot("no volume plugin matched name: " + provisioner)
                : new ClaimDecision.AskProvisioner(provisioner);
    }

    private static ClaimDecision cannot(String message) {
        return new ClaimDecision.CannotProvision(Told.warning("ProvisioningFailed", message));
    }

    private static @Nullable String annotation(PersistentVolumeClaim claim, String name) {
        return OrEmpty.of(claim.getMetadata().getAnnotations()).get(name);
    }
}
