package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;

/** Gives ingresses that ask for no class the one that is the default. */
public final class DefaultIngressClass implements AdmissionPlugin {
    private static final String GROUP = "networking.k8s.io";

    private final ObjectLookup objects;

    public DefaultIngressClass(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "DefaultIngressClass";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        boolean concerned = request.operation() == Operation.CREATE && request.concerns(GROUP, "ingresses");
        ObjectNode ingress = concerned ? request.object() : null;
        if (ingress == null
                || ObjectMeta.annotation(ingress, "kubernetes.io/ingress.class") != null
                || ingress.path("spec").hasNonNull("ingressClassName")) {
            return;
        }
        String byDefault = DefaultClasses.of(
                objects.all(GROUP, "ingressclasses", ""), "ingressclass.kubernetes.io/is-default-class");
        if (byDefault != null) {
            Fill.object(ingress, "spec").put("ingressClassName", byDefault);
        }
    }
}
