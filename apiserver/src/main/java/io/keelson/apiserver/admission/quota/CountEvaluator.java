package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.resource.GroupResource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts the objects of any kind: {@code count/deployments.apps}, and for a few old kinds just {@code secrets}. */
final class CountEvaluator implements Evaluator {
    private static final Set<String> SHORT =
            Set.of("configmaps", "resourcequotas", "replicationcontrollers", "secrets");

    private final Map<String, Quantity> one = new TreeMap<>();

    CountEvaluator(GroupResource resource) {
        one.put(name(resource), Amounts.ONE);
        if (resource.group().isEmpty() && SHORT.contains(resource.resource())) {
            one.put(resource.resource(), Amounts.ONE);
        }
    }

    /** What quotas call the number of objects of a kind. */
    static String name(GroupResource resource) {
        return "count/" + resource;
    }

    @Override
    public boolean handles(AdmissionRequest request) {
        return request.operation() == Operation.CREATE && request.subresource().isEmpty();
    }

    @Override
    public Map<String, Quantity> usage(JsonNode object) {
        return one;
    }

    @Override
    public boolean uses(String name) {
        return one.containsKey(name);
    }
}
