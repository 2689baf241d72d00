package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;

/** Gives claims that ask for no class of storage the one that is the default. Those that ask for none as {@code ""} get none. */
public final class DefaultStorageClass implements AdmissionPlugin {
    private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

    private final ObjectLookup objects;

    public DefaultStorageClass(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "DefaultStorageClass";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        boolean concerned = request.operation() == Operation.CREATE && request.concerns("", "persistentvolumeclaims");
        ObjectNode claim = concerned ? request.object() : null;
        if (claim == null
                || ObjectMeta.annotation(claim, OLD_CLASS) != null
                || claim.path("spec").hasNonNull("storageClassName")) {
            return;
        }
        String byDefault = DefaultClasses.of(
                objects.all("storage.k8s.io", "storageclasses", ""),
                "storageclass.kubernetes.io/is-default-class",
                "storageclass.beta.kubernetes.io/is-default-class");
        if (byDefault != null) {
            Fill.object(claim, "spec").put("storageClassName", byDefault);
        }
    }
}
