package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out whether a request is one that is meant, and in which version. */
public final class RequestMatcher {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final String CONFIGURATIONS = "admissionregistration.k8s.io";

    private final ObjectLookup objects;

    public RequestMatcher(ObjectLookup objects) {
        this.objects = objects;
    }

    /**
     * Whether nobody is asked about it: what admission consists of must stay within reach of those who are to repair it.
     */
    public static boolean isExempt(AdmissionRequest request) {
        return request.resource().name().group().equals(CONFIGURATIONS);
    }

    /** The namespace that a request goes by: that of the object, or the namespace that is the object. Empty for none. */
    public static String namespace(AdmissionRequest request) {
        return isNamespace(request) ? request.name() : request.namespace();
    }

    static boolean isNamespace(AdmissionRequest request) {
        return request.resource().name().equals(NAMESPACES);
    }

    /**
     * The target in the version in which the request is meant; null if it is not.
     *
     * @throws ApiException NotFound if it depends on a namespace that is not there
     */
    public @Nullable Target match(AdmissionRequest request, Criteria criteria) throws InterruptedException {
        // What costs least comes first: most requests are of no concern to most webhooks.
        Target target = target(request, criteria);
        if (target == null
                || !isObject(request, criteria.objects())
                || !isInNamespace(request, criteria.namespaces())) {
            return null;
        }
        return target;
    }

    private static @Nullable Target target(AdmissionRequest request, Criteria criteria) {
        if (find(request, criteria.excluded(), criteria.equivalent()) != null) {
            return null;
        }
        return find(request, criteria.rules(), criteria.equivalent());
    }

    private static @Nullable Target find(AdmissionRequest request, List<Rule> rules, boolean equivalent) {
        if (rules.isEmpty()) {
            return null;
        }
        Target sent = Target.asSent(request);
        for (Rule rule : rules) {
            if (rule.matches(request, sent)) {
                return sent;
            }
        }
        if (!equivalent) {
            return null;
        }
        List<Target> others = Target.equivalents(request);
        for (Rule rule : rules) {
            for (Target other : others) {
                if (rule.matches(request, other)) {
                    return other;
                }
            }
        }
        return null;
    }

    private static boolean isObject(AdmissionRequest request, LabelSelector selector) {
        return selector.isEverything() || chooses(selector, request.object()) || chooses(selector, request.old());
    }

    private static boolean chooses(LabelSelector selector, @Nullable JsonNode object) {
        return object != null && selector.matches(ObjectMeta.labels(object));
    }

    private boolean isInNamespace(AdmissionRequest request, LabelSelector selector) throws InterruptedException {
        boolean namespace = isNamespace(request);
        if (selector.isEverything() || (request.namespace().isEmpty() && !namespace)) {
            // What is in no namespace is not exempted by one.
            return true;
        }
        return selector.matches(labels(request, namespace));
    }

    private Map<String, String> labels(AdmissionRequest request, boolean namespace) throws InterruptedException {
        ObjectNode object = request.object();
        boolean written = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (namespace && written && object != null && request.subresource().isEmpty()) {
            return ObjectMeta.labels(object);
        }
        String name = namespace(request);
        ObjectNode found = objects.recent("", "namespaces", "", name);
        if (found == null) {
            // One that was made a moment ago may not be in the cache yet.
            found = objects.now("", "namespaces", "", name);
        }
        if (found == null) {
            throw ApiException.notFound(NAMESPACES, name);
        }
        return ObjectMeta.labels(found);
    }
}
