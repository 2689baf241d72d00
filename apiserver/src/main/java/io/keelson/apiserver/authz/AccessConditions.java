package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.cel.PlainTypes;
import java.util.List;
import java.util.Map;

/**
 * The conditions under which a webhook is asked. What they may name is {@code request}, the {@code spec} of a
 * SubjectAccessReview, typed as the original types it: a field that there is not is an error when a condition is
 * compiled.
 */
final class AccessConditions {
    private static final String REQUEST = "request";
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType TEXTS = ListType.create(TEXT);

    private static final List<String> USER_TEXTS = List.of("user", "uid");
    private static final List<String> RESOURCE_TEXTS =
            List.of("namespace", "verb", "group", "version", "resource", "subresource", "name");
    private static final List<String> PATH_TEXTS = List.of("path", "verb");
    private static final List<String> SELECTORS = List.of("fieldSelector", "labelSelector");

    static {
        CelEnvironment.loadWhatErrorsNeed();
    }

    private static final CelEnvironment ENVIRONMENT = environment();

    private AccessConditions() {}

    private static CelEnvironment environment() {
        PlainTypes types = new PlainTypes();
        CelType requirement =
                types.add("kubernetes.SelectorRequirement", Map.of("key", TEXT, "operator", TEXT, "values", TEXTS));
        Map<String, CelType> selector = Map.of("rawSelector", TEXT, "requirements", ListType.create(requirement));
        CelType resource = types.add(
                "kubernetes.ResourceAttributes",
                Map.of(
                        "namespace", TEXT,
                        "verb", TEXT,
                        "group", TEXT,
                        "version", TEXT,
                        "resource", TEXT,
                        "subresource", TEXT,
                        "name", TEXT,
                        "fieldSelector", types.add("kubernetes.FieldSelectorAttributes", selector),
                        "labelSelector", types.add("kubernetes.LabelSelectorAttributes", selector)));
        CelType path = types.add("kubernetes.NonResourceAttributes", Map.of("path", TEXT, "verb", TEXT));
        CelType request = types.add(
                "kubernetes.SubjectAccessReviewSpec",
                Map.of(
                        "resourceAttributes", resource,
                        "nonResourceAttributes", path,
                        "user", TEXT,
                        "groups", TEXTS,
                        "extra", MapType.create(TEXT, TEXTS),
                        "uid", TEXT));
        return CelEnvironment.standard().withTypes(types.provider()).with(REQUEST, request);
    }

    /** @throws CelExpressionException if it does not compile, or is not known to be true or false */
    static CelExpression compile(String text) throws CelExpressionException {
        return ENVIRONMENT.compile(text, List.of(SimpleType.BOOL));
    }

    /**
     * The variables of conditions. Unlike a review that is sent, it has everything that belongs to a user and to the
     * attributes that are there, be it empty, so that a condition need not ask for it first.
     */
    static Map<String, Object> variables(Attributes attributes) {
        ObjectNode spec = AccessReview.specOf(attributes);
        fill(spec, USER_TEXTS);
        fillList(spec, "groups");
        if (!spec.has("extra")) {
            spec.putObject("extra");
        }
        if (spec.path("resourceAttributes") instanceof ObjectNode resource) {
            fill(resource, RESOURCE_TEXTS);
            for (String selector : SELECTORS) {
                resource.path(selector).path("requirements").forEach(requirement -> {
                    if (requirement instanceof ObjectNode object) {
                        fillList(object, "values");
                    }
                });
            }
        }
        if (spec.path("nonResourceAttributes") instanceof ObjectNode path) {
            fill(path, PATH_TEXTS);
        }
        return Map.of(REQUEST, CelValues.of(spec));
    }

    private static void fill(ObjectNode object, List<String> fields) {
        for (String field : fields) {
            if (!object.has(field)) {
                object.put(field, "");
            }
        }
    }

    private static void fillList(ObjectNode object, String field) {
        if (!object.has(field)) {
            object.putArray(field);
        }
    }
}
