package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a pod lack.
 *
 * @param missing claims to create, with the owners that they are to have
 * @param misowned claims that are there, with the owners that they are to have
 * @param conflicting names of claims that have another controller
 * @param leaving names of claims that are being deleted
 * @param stale whether a claim belongs to an earlier pod of the name, and is about to go
 */
record ClaimNeeds(
        List<PersistentVolumeClaim> missing,
        List<PersistentVolumeClaim> misowned,
        List<String> conflicting,
        List<String> leaving,
        boolean stale) {
    /** What is lacking, for a pod that is there or is to be created. */
    static ClaimNeeds of(StatefulSet set, Pod pod, Function<String, @Nullable PersistentVolumeClaim> claims) {
        Retention retention = Retention.of(set);
        List<PersistentVolumeClaim> missing = new ArrayList<>();
        List<PersistentVolumeClaim> misowned = new ArrayList<>();
        List<String> conflicting = new ArrayList<>();
        List<String> leaving = new ArrayList<>();
        boolean stale = false;
        int ordinal = Identity.ordinalOf(set, pod);
        for (PersistentVolumeClaim template : Storage.templates(set)) {
            String name = Storage.claimName(set, template, ordinal);
            PersistentVolumeClaim found = claims.apply(name);
            if (found == null) {
                missing.add(owned(Storage.claim(set, template, ordinal), retention, set, pod));
                continue;
            }
            stale |= retention.isLeaving(found, pod);
            if (found.getMetadata().getDeletionTimestamp() != null) {
                leaving.add(name);
            } else if (!retention.isKept(found, set, pod)) {
                misowned.add(owned(found, retention, set, pod));
            }
            if (retention.isOfAnother(found, set, pod)) {
                conflicting.add(name);
            }
        }
        return new ClaimNeeds(missing, misowned, conflicting, leaving, stale);
    }

    /** Nothing. */
    static ClaimNeeds nothing() {
        return new ClaimNeeds(List.of(), List.of(), List.of(), List.of(), false);
    }

    /** What is lacking of the owners alone. */
    ClaimNeeds ofOwners() {
        return new ClaimNeeds(List.of(), misowned, conflicting, leaving, stale);
    }

    /** Whether nothing is to be written. */
    boolean none() {
        return missing.isEmpty() && misowned.isEmpty();
    }

    private static PersistentVolumeClaim owned(
            PersistentVolumeClaim claim, Retention retention, StatefulSet set, Pod pod) {
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withOwnerReferences(retention.owners(claim, set, pod))
                .endMetadata()
                .build();
    }
}
