package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Marks volumes and claims, so that they stay until a controller has seen that nobody uses them. */
public final class StorageObjectInUseProtection implements AdmissionPlugin {
    @Override
    public String name() {
        return "StorageObjectInUseProtection";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (request.operation() != Operation.CREATE) {
            return;
        }
        if (request.concerns("", "persistentvolumes")) {
            mark(request.object(), "kubernetes.io/pv-protection");
        } else if (request.concerns("", "persistentvolumeclaims")) {
            mark(request.object(), "kubernetes.io/pvc-protection");
        }
    }

    private static void mark(@Nullable ObjectNode object, String finalizer) {
        if (object == null) {
            return;
        }
        List<String> finalizers = ObjectMeta.finalizers(object);
        if (!finalizers.contains(finalizer)) {
            finalizers.add(finalizer);
            ObjectMeta.setFinalizers(object, finalizers);
        }
    }
}
