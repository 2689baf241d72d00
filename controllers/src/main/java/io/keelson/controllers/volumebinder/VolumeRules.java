package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides what is to become of a volume, from what is seen. */
final class VolumeRules {
    private static final String IN_TREE = "kubernetes.io/";

    private VolumeRules() {}

    /** Whether a volume names a claim with its uid: only then it has to be looked for. */
    static boolean isClaimed(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference != null && !OrEmpty.of(reference.getUid()).isEmpty();
    }

    /**
     * Decides.
     *
     * @param claim the very claim that the volume names; null if it is gone
     */
    static VolumeDecision decide(PersistentVolume volume, @Nullable PersistentVolumeClaim claim) {
        if (!isClaimed(volume)) {
            return new VolumeDecision.InPhase("Available");
        }
        if (claim == null) {
            return new VolumeDecision.Release(failure(volume));
        }
        String name = OrEmpty.of(claim.getSpec().getVolumeName());
        if (name.isEmpty()) {
            return VolumeMatch.isOfMode(volume, claim)
                    ? new VolumeDecision.AskClaim()
                    : new VolumeDecision.Mismatch(claim);
        }
        if (name.equals(volume.getMetadata().getName())) {
            return new VolumeDecision.InPhase("Bound");
        }
        boolean madeForClaim = annotations(volume).containsKey(VolumeAnnotations.PROVISIONED_BY)
                && policy(volume).equals("Delete");
        return madeForClaim ? new VolumeDecision.Release(failure(volume)) : new VolumeDecision.Unbind();
    }

    private static @Nullable Told failure(PersistentVolume volume) {
        return switch (policy(volume)) {
            case "Retain" -> null;
            case "Delete" -> deletionFailure(volume);
            case "Recycle" -> Told.warning("VolumeFailedRecycle", "No recycler plugin found for the volume!");
            default -> Told.warning("VolumeUnknownReclaimPolicy", "Volume has an unrecognized reclaim policy");
        };
    }

    /** Null if somebody is there who deletes it. */
    private static @Nullable Told deletionFailure(PersistentVolume volume) {
        String provisioner = OrEmpty.of(annotations(volume).get(VolumeAnnotations.PROVISIONED_BY));
        boolean migrated = annotations(volume).containsKey(VolumeAnnotations.MIGRATED_TO);
        if (migrated || (!provisioner.isEmpty() && !provisioner.startsWith(IN_TREE))) {
            return null;
        }
        return Told.warning(
                "VolumeFailedDelete",
                provisioner.isEmpty()
                        ? "error getting deleter volume plugin for volume \""
                                + volume.getMetadata().getName() + "\": no deletable volume plugin matched"
                        : "no volume plugin matched name: " + provisioner);
    }

    private static String policy(PersistentVolume volume) {
        String policy = OrEmpty.of(volume.getSpec().getPersistentVolumeReclaimPolicy());
        return policy.isEmpty() ? "Retain" : policy;
    }

    private static Map<String, String> annotations(PersistentVolume volume) {
        return OrEmpty.of(volume.getMetadata().getAnnotations());
    }
}
