package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts claims and what they request, in all and of each class of storage. */
final class VolumeClaimMeasure implements Measure<PersistentVolumeClaim> {
    private static final String CLAIMS = "persistentvolumeclaims";
    private static final String COUNT = "count/" + CLAIMS;
    private static final String STORAGE = "requests.storage";
    private static final String OF_CLASS = ".storageclass.storage.k8s.io/";
    private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

    @Override
    public boolean measures(String resource) {
        return resource.equals(CLAIMS)
                || resource.equals(COUNT)
                || resource.equals(STORAGE)
                || resource.endsWith(OF_CLASS + CLAIMS)
                || resource.endsWith(OF_CLASS + STORAGE);
    }

    @Override
    public Map<String, Amount> usage(PersistentVolumeClaim claim) {
        Map<String, Amount> usage = new TreeMap<>();
        usage.put(COUNT, Amount.ONE);
        usage.put(CLAIMS, Amount.ONE);
        String storageClass = storageClass(claim);
        if (!storageClass.isEmpty()) {
            usage.put(storageClass + OF_CLASS + CLAIMS, Amount.ONE);
        }
        Quantity requested = claim.getSpec() == null || claim.getSpec().getResources() == null
                ? null
                : OrEmpty.of(claim.getSpec().getResources().getRequests()).get("storage");
        if (requested != null) {
            Amount storage = storage(claim, Amount.of(requested));
            usage.put(STORAGE, storage);
            if (!storageClass.isEmpty()) {
                usage.put(storageClass + OF_CLASS + STORAGE, storage);
            }
        }
        return usage;
    }

    private static String storageClass(PersistentVolumeClaim claim) {
        String annotated = OrEmpty.of(claim.getMetadata().getAnnotations()).get(OLD_CLASS);
        if (annotated != null) {
            return annotated;
        }
        return claim.getSpec() == null ? "" : OrEmpty.of(claim.getSpec().getStorageClassName());
    }

    /** One that grew and could not is charged for what was set aside for it. */
    private static Amount storage(PersistentVolumeClaim claim, Amount requested) {
        Amount allocated = claim.getStatus() == null
                ? Amount.ZERO
                : Amount.of(
                        OrEmpty.of(claim.getStatus().getAllocatedResources()).get("storage"));
        return (allocated.compareTo(requested) > 0 ? allocated : requested).whole();
    }

    @Override
    public boolean isIn(Scope scope, PersistentVolumeClaim claim) {
        if (!scope.name().equals("VolumeAttributesClass")) {
            return false;
        }
        Set<String> classes = new HashSet<>();
        if (claim.getSpec() != null) {
            classes.add(OrEmpty.of(claim.getSpec().getVolumeAttributesClassName()));
        }
        PersistentVolumeClaimStatus status = claim.getStatus();
        if (status != null) {
            classes.add(OrEmpty.of(status.getCurrentVolumeAttributesClassName()));
            if (status.getModifyVolumeStatus() != null) {
                classes.add(OrEmpty.of(status.getModifyVolumeStatus().getTargetVolumeAttributesClassName()));
            }
        }
        classes.remove("");
        return scope.picks(classes);
    }
}
