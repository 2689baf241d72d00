package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import org.jspecify.annotations.Nullable;

/** Lets claims grow only if they are bound and their class of storage can. */
public final class PersistentVolumeClaimResize implements AdmissionPlugin {
    private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

    private final ObjectLookup objects;

    public PersistentVolumeClaimResize(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PersistentVolumeClaimResize";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        boolean concerned = request.operation() == Operation.UPDATE && request.concerns("", "persistentvolumeclaims");
        ObjectNode claim = concerned ? request.object() : null;
        ObjectNode old = request.old();
        if (claim == null || old == null || size(claim).compareTo(size(old)) <= 0) {
            return;
        }
        if (!old.path("status").path("phase").asText().equals("Bound")) {
            throw request.forbidden("only bound persistent volume claims can be expanded");
        }
        String storageClass = storageClass(claim);
        if (storageClass.isEmpty() || !storageClass.equals(storageClass(old)) || !mayGrow(storageClass)) {
            throw request.forbidden(
                    "only dynamically provisioned pvc can be resized and the storageclass that provisions"
                            + " the pvc must support resize");
        }
    }

    private boolean mayGrow(String name) throws InterruptedException {
        // The class may have been made, or been allowed to, a moment ago.
        return mayGrow(objects.recent("storage.k8s.io", "storageclasses", "", name))
                || mayGrow(objects.now("storage.k8s.io", "storageclasses", "", name));
    }

    private static boolean mayGrow(@Nullable ObjectNode storageClass) {
        return storageClass != null && storageClass.path("allowVolumeExpansion").asBoolean();
    }

    private static Quantity size(ObjectNode claim) {
        return Quantity.of(claim.path("spec").path("resources").path("requests").path("storage"));
    }

    private static String storageClass(ObjectNode claim) {
        String annotated = ObjectMeta.annotation(claim, OLD_CLASS);
        return annotated != null
                ? annotated
                : claim.path("spec").path("storageClassName").asText("");
    }
}
