package io.keelson.apiserver.admission.conditions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.admission.rules.VersionedObjects;
import io.keelson.apiserver.cel.CelAuthorizer;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.cel.admission.AdmissionTypes;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What expressions look at: a request in the version that a policy or a webhook sees, and what belongs to it. */
public final class Scene {
    private final Map<String, Object> values = new HashMap<>();

    /**
     * @param target in which the request is seen
     * @param namespace that the object is in; null if it is in none, or is one itself
     */
    public Scene(AdmissionRequest request, Target target, @Nullable ObjectNode namespace, CelAuthorizer authorizer) {
        values.put("object", value(VersionedObjects.object(request, target)));
        values.put("oldObject", value(VersionedObjects.old(request, target)));
        values.put("request", CelValues.of(RequestVariable.of(request, target), AdmissionTypes.REQUEST));
        values.put(
                "namespaceObject",
                namespace == null
                        ? value(null)
                        : CelValues.of(NamespaceVariable.of(namespace), AdmissionTypes.NAMESPACE));
        values.put("authorizer", CelValues.authorizer(authorizer));
        values.put(
                "authorizer.requestResource",
                CelValues.requestResource(
                        authorizer,
                        target.group(),
                        target.version(),
                        target.resource(),
                        request.subresource(),
                        RequestMatcher.namespace(request),
                        request.name()));
    }

    private static Object value(@Nullable JsonNode json) {
        return CelValues.of(json == null ? NullNode.getInstance() : json);
    }

    /** The values of all variables but those of the policy itself. */
    public Map<String, Object> with(@Nullable ObjectNode params) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("params", value(params));
        return all;
    }
}
