package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of the claims of a set when it is deleted or scaled down. It is said by owner references, and the garbage
 * collector does the rest: a claim that goes with the set is owned by the set; one that goes because its pod is one too many
 * is owned by that pod.
 *
 * <table>
 *   <caption>who owns a claim</caption>
 *   <tr><th>whenDeleted</th><th>whenScaled</th><th>pod is to be</th><th>pod is condemned</th></tr>
 *   <tr><td>Retain</td><td>Retain</td><td>nobody</td><td>nobody</td></tr>
 *   <tr><td>Delete</td><td>Retain</td><td>set</td><td>set</td></tr>
 *   <tr><td>Retain</td><td>Delete</td><td>nobody</td><td>pod</td></tr>
 *   <tr><td>Delete</td><td>Delete</td><td>set</td><td>pod</td></tr>
 * </table>
 *
 * @param withSet whether claims are deleted with the set
 * @param whenScaled whether claims of condemned pods are deleted with these
 */
record Retention(boolean withSet, boolean whenScaled) {
    /** What a set says. What is neither {@code Delete} nor {@code Retain} retains. */
    static Retention of(StatefulSet set) {
        StatefulSetPersistentVolumeClaimRetentionPolicy policy =
                set.getSpec().getPersistentVolumeClaimRetentionPolicy();
        return policy == null
                ? new Retention(false, false)
                : new Retention("Delete".equals(policy.getWhenDeleted()), "Delete".equals(policy.getWhenScaled()));
    }

    /** Who a claim goes with. */
    private enum Owner {
        NOBODY,
        SET,
        POD
    }

    private Owner owner(StatefulSet set, Pod pod) {
        if (whenScaled && isCondemned(set, pod)) {
            return Owner.POD;
        }
        return withSet ? Owner.SET : Owner.NOBODY;
    }

    private static boolean isCondemned(StatefulSet set, Pod pod) {
        return !Ordinals.of(set).contains(Identity.ordinalOf(set, pod));
    }

    /**
     * Whether the owners of a claim are as they are to be. A claim that belongs to an earlier set or pod of the same name is
     * left as it is: the garbage collector is about to take it, or somebody keeps it on purpose.
     */
    boolean isKept(PersistentVolumeClaim claim, StatefulSet set, Pod pod) {
        if (isOfEarlier(claim, set) || isOfEarlier(claim, pod)) {
            return true;
        }
        boolean ofSet = isOwnedBy(claim, set);
        boolean ofPod = isOwnedBy(claim, pod);
        if (isOfAnother(claim, set, pod)) {
            return !ofSet && !ofPod;
        }
        Owner owner = owner(set, pod);
        return ofSet == (owner == Owner.SET)
                && ofPod == (owner == Owner.POD)
                && (!ofSet || Owners.isControlledBy(claim, set))
                && (!ofPod || Owners.isControlledBy(claim, pod));
    }

    /** The owners that a claim is to have; those that have nothing to do with the set stay. */
    List<OwnerReference> owners(PersistentVolumeClaim claim, StatefulSet set, Pod pod) {
        List<OwnerReference> owners = new ArrayList<>();
        for (OwnerReference reference : references(claim)) {
            if (!isNamed(reference, set) && !isNamed(reference, pod)) {
                owners.add(reference);
            }
        }
        Owner owner = owner(set, pod);
        if (owner != Owner.NOBODY && !isOfAnother(claim, set, pod)) {
            owners.add(Owners.controllerReference(owner == Owner.SET ? set : pod));
        }
        return owners;
    }

    /** Whether another controller has a claim, so that no policy of the set applies to it. */
    boolean isOfAnother(PersistentVolumeClaim claim, StatefulSet set, Pod pod) {
        if (!withSet && !whenScaled) {
            return false;
        }
        if (isOfEarlier(claim, set) || isOfEarlier(claim, pod)) {
            return true;
        }
        OwnerReference controller = Owners.controllerOf(claim);
        return controller != null && !isNamed(controller, set) && !isNamed(controller, pod);
    }

    /**
     * Whether a claim is about to go with an earlier pod of the same name, so that a new pod has to wait for a new one.
     *
     * @param pod one that has not been created, and so has no uid
     */
    boolean isLeaving(PersistentVolumeClaim claim, Pod pod) {
        return whenScaled && isOfEarlier(claim, pod);
    }

    private static boolean isOfEarlier(PersistentVolumeClaim claim, HasMetadata owner) {
        for (OwnerReference reference : references(claim)) {
            if (isNamed(reference, owner)) {
                return !reference.getUid().equals(owner.getMetadata().getUid());
            }
        }
        return false;
    }

    private static boolean isOwnedBy(PersistentVolumeClaim claim, HasMetadata owner) {
        String uid = owner.getMetadata().getUid();
        return references(claim).stream()
                .anyMatch(reference -> reference.getUid().equals(uid));
    }

    private static boolean isNamed(OwnerReference reference, HasMetadata owner) {
        return owner.getMetadata().getName().equals(reference.getName())
                && owner.getKind().equals(reference.getKind())
                && owner.getApiVersion().equals(reference.getApiVersion());
    }

    private static List<OwnerReference> references(PersistentVolumeClaim claim) {
        return OrEmpty.of(claim.getMetadata().getOwnerReferences());
    }
}
