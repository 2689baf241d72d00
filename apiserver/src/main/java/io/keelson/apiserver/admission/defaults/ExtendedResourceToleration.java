package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import java.util.Set;
import java.util.TreeSet;

/** Lets pods that request somebody's own resources onto the nodes that are kept for those who do. */
public final class ExtendedResourceToleration implements AdmissionPlugin {
    @Override
    public String name() {
        return "ExtendedResourceToleration";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        ObjectNode pod = PodWrites.written(request);
        if (pod == null || request.operation() == Operation.DELETE) {
            return;
        }
        Set<String> resources = new TreeSet<>();
        for (ObjectNode container : PodWrites.containers(pod)) {
            container.path("resources").path("requests").fieldNames().forEachRemaining(name -> {
                if (ResourceNames.isExtended(name)) {
                    resources.add(name);
                }
            });
        }
        for (String resource : resources) {
            Tolerations.put(PodWrites.spec(pod), Tolerations.exists(resource, "NoSchedule"));
        }
    }
}
