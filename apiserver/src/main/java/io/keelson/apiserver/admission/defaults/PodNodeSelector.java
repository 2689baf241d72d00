package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the pods of a namespace on the nodes that it is annotated with. */
public final class PodNodeSelector implements AdmissionPlugin {
    private static final String ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector";
    private static final String CLUSTER_DEFAULT = "clusterDefaultNodeSelector";

    private final ObjectLookup objects;
    private final Map<String, String> selectors;

    /**
     * @param selectors by namespace which labels its pods may select, as {@code key=value,…}; under
     *     {@code clusterDefaultNodeSelector} what holds in namespaces that are not annotated
     */
    public PodNodeSelector(ObjectLookup objects, Map<String, String> selectors) {
        this.objects = objects;
        this.selectors = Map.copyOf(selectors);
    }

    @Override
    public String name() {
        return "PodNodeSelector";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.created(request);
        if (pod == null) {
            return;
        }
        Map<String, String> wanted = ofNamespace(request.namespace());
        refuseConflicts(request, pod, wanted);
        if (!wanted.isEmpty()) {
            ObjectNode selector = Fill.object(PodWrites.spec(pod), "nodeSelector");
            wanted.forEach((key, value) -> {
                if (!selector.has(key)) {
                    selector.put(key, value);
                }
            });
        }
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.created(request);
        if (pod == null) {
            return;
        }
        refuseConflicts(request, pod, ofNamespace(request.namespace()));
        Map<String, String> allowed = labels(selectors.getOrDefault(request.namespace(), ""));
        boolean others = pod.path("spec").path("nodeSelector").properties().stream()
                .anyMatch(label -> !label.getValue().asText().equals(allowed.get(label.getKey())));
        if (!allowed.isEmpty() && others) {
            throw request.forbidden("pod node label selector labels conflict with its namespace whitelist");
        }
    }

    private static void refuseConflicts(AdmissionRequest request, ObjectNode pod, Map<String, String> wanted) {
        boolean conflict = pod.path("spec").path("nodeSelector").properties().stream()
                .anyMatch(label -> {
                    String other = wanted.get(label.getKey());
                    return other != null && !other.equals(label.getValue().asText());
                });
        if (conflict) {
            throw request.forbidden("pod node label selector conflicts with its namespace node label selector");
        }
    }

    private Map<String, String> ofNamespace(String name) throws InterruptedException {
        ObjectNode namespace = objects.recent("", "namespaces", "", name);
        if (namespace == null) {
            namespace = objects.now("", "namespaces", "", name);
        }
        if (namespace == null) {
            throw ApiException.internal("namespace " + name + " does not exist", null);
        }
        String annotated = ObjectMeta.annotation(namespace, ANNOTATION);
        return labels(annotated != null ? annotated : selectors.getOrDefault(CLUSTER_DEFAULT, ""));
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        if (text.isEmpty()) {
            return labels;
        }
        for (String label : text.split(",", -1)) {
            int equals = label.indexOf('=');
            if (equals < 0 || label.indexOf('=', equals + 1) >= 0) {
                throw ApiException.of(Reason.UNKNOWN, "invalid selector: [" + label + "]");
            }
            labels.put(
                    label.substring(0, equals).strip(),
                    label.substring(equals + 1).strip());
        }
        return labels;
    }
}
