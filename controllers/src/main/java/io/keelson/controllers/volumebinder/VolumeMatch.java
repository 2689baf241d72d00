package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which volume fits a claim. */
public final class VolumeMatch {
    private static final Comparator<Candidate> CLOSEST = Comparator.comparingInt(Candidate::modes)
            .thenComparing(Candidate::size)
            .thenComparing(candidate -> candidate.volume().getMetadata().getName());

    private static final Comparator<Candidate> SMALLEST =
            Comparator.comparing(Candidate::size).thenComparing(CLOSEST);

    /** A volume with what it is chosen by, so that it is computed once. */
    private record Candidate(PersistentVolume volume, int modes, BigDecimal size) {
        static Candidate of(PersistentVolume volume) {
            return new Candidate(volume, accessModes(volume).size(), StorageSizes.of(volume));
        }
    }

    private VolumeMatch() {}

    /** Whether a volume names a claim: this very one, or one of its name if no uid is said. */
    public static boolean names(PersistentVolume volume, PersistentVolumeClaim claim) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference != null
                && claim.getMetadata().getName().equals(reference.getName())
                && OrEmpty.of(claim.getMetadata().getNamespace()).equals(OrEmpty.of(reference.getNamespace()))
                && (OrEmpty.of(reference.getUid()).isEmpty()
                        || reference.getUid().equals(claim.getMetadata().getUid()));
    }

    /**
     * Why a volume that a claim asks for by name cannot be its; the label selector does not matter then.
     *
     * @return null if it can
     */
    public static @Nullable String mismatch(PersistentVolume volume, PersistentVolumeClaim claim) {
        if (volume.getMetadata().getDeletionTimestamp() != null) {
            return "the volume is marked for deletion \"" + volume.getMetadata().getName() + '"';
        }
        if (isTooSmall(volume, claim)) {
            return "requested PV is too small";
        }
        if (!StorageClasses.of(volume).equals(StorageClasses.of(claim))) {
            return "storageClassName does not match";
        }
        if (!isOfAttributes(volume, claim)) {
            return "volumeAttributesClassName does not match";
        }
        if (!isOfMode(volume, claim)) {
            return "incompatible volumeMode";
        }
        return hasAccess(volume, claim) ? null : "incompatible accessMode";
    }

    /** Whether both are filesystems, or both are raw devices. */
    public static boolean isOfMode(PersistentVolume volume, PersistentVolumeClaim claim) {
        return mode(volume.getSpec().getVolumeMode())
                .equals(mode(claim.getSpec().getVolumeMode()));
    }

    /**
     * The volume for a claim that asks for none by name: one that names the claim, else of those that fit the one with the
     * fewest access modes too many, then the smallest, then the first by name.
     *
     * @param naming volumes that may name the claim
     * @param available volumes that may be {@code Available} and of the claim's class
     * @param node where the volume has to be reachable, as for a scheduler that looks at one node; null if that does not matter,
     *     as for the binder
     * @return null if none fits
     */
    public static @Nullable PersistentVolume best(
            PersistentVolumeClaim claim,
            Collection<PersistentVolume> naming,
            Collection<PersistentVolume> available,
            @Nullable Node node) {
        PersistentVolume own = naming.stream()
                .filter(volume -> names(volume, claim) && holds(volume, claim))
                .map(Candidate::of)
                .min(CLOSEST)
                .map(Candidate::volume)
                .orElse(null);
        if (own != null) {
            // A volume that is kept for the claim is the only one for it, wherever the claim is wanted.
            return isReachable(own, node) ? own : null;
        }
        Predicate<Map<String, String>> selected = selector(claim);
        String storageClass = StorageClasses.of(claim);
        return available.stream()
                .filter(volume -> isFreeFor(volume, claim, storageClass, selected) && isReachable(volume, node))
                .map(Candidate::of)
                .min(CLOSEST)
                .map(Candidate::volume)
                .orElse(null);
    }

    /**
     * The volumes that fit a claim which asks for none by name, the smallest first, wherever they are. A scheduler takes the
     * first of them that its node reaches.
     *
     * @param free volumes that may be {@code Available} and of the claim's class; those that name a claim are not taken
     */
    public static List<PersistentVolume> fitting(PersistentVolumeClaim claim, Collection<PersistentVolume> free) {
        Predicate<Map<String, String>> selected = selector(claim);
        String storageClass = StorageClasses.of(claim);
        return free.stream()
                .filter(volume -> isFreeFor(volume, claim, storageClass, selected))
                .map(Candidate::of)
                .sorted(SMALLEST)
                .map(Candidate::volume)
                .toList();
    }

    private static boolean isFreeFor(
            PersistentVolume volume,
            PersistentVolumeClaim claim,
            String storageClass,
            Predicate<Map<String, String>> selected) {
        return volume.getSpec().getClaimRef() == null
                && isAvailable(volume)
                && StorageClasses.of(volume).equals(storageClass)
                && holds(volume, claim)
                && selected.test(OrEmpty.of(volume.getMetadata().getLabels()));
    }

    private static boolean isAvailable(PersistentVolume volume) {
        return volume.getStatus() != null
                && "Available".equals(volume.getStatus().getPhase());
    }

    private static boolean holds(PersistentVolume volume, PersistentVolumeClaim claim) {
        return volume.getMetadata().getDeletionTimestamp() == null
                && !isTooSmall(volume, claim)
                && isOfMode(volume, claim)
                && isOfAttributes(volume, claim)
                && hasAccess(volume, claim);
    }

    private static boolean isTooSmall(PersistentVolume volume, PersistentVolumeClaim claim) {
        return StorageSizes.of(volume).compareTo(StorageSizes.requested(claim)) < 0;
    }

    private static boolean isOfAttributes(PersistentVolume volume, PersistentVolumeClaim claim) {
        return OrEmpty.of(volume.getSpec().getVolumeAttributesClassName())
                .equals(OrEmpty.of(claim.getSpec().getVolumeAttributesClassName()));
    }

    private static boolean hasAccess(PersistentVolume volume, PersistentVolumeClaim claim) {
        return accessModes(volume).containsAll(OrEmpty.of(claim.getSpec().getAccessModes()));
    }

    private static Set<String> accessModes(PersistentVolume volume) {
        return new HashSet<>(OrEmpty.of(volume.getSpec().getAccessModes()));
    }

    /** Whether a volume can be used on a node, as far as its node affinity says; null is any node. */
    public static boolean isReachable(PersistentVolume volume, @Nullable Node node) {
        return node == null
                || isReachable(
                        volume,
                        node.getMetadata().getName(),
                        OrEmpty.of(node.getMetadata().getLabels()));
    }

    /** The same for a node of this name with these labels. */
    public static boolean isReachable(PersistentVolume volume, String node, Map<String, String> labels) {
        return volume.getSpec().getNodeAffinity() == null
                || volume.getSpec().getNodeAffinity().getRequired() == null
                || NodeChoice.matches(volume.getSpec().getNodeAffinity().getRequired(), node, labels);
    }

    private static Predicate<Map<String, String>> selector(PersistentVolumeClaim claim) {
        if (claim.getSpec().getSelector() == null) {
            return labels -> true;
        }
        try {
            return Selectors.of(claim.getSpec().getSelector());
        } catch (IllegalArgumentException e) {
            // No server stores such a selector; it selects nothing.
            return labels -> false;
        }
    }

    private static String mode(@Nullable String mode) {
        return mode == null || mode.isEmpty() ? "Filesystem" : mode;
    }
}
