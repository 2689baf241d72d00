package io.keelson.apiserver.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How to delete. What is null was not said.
 *
 * @param preconditionUid the object must have this UID
 * @param preconditionResourceVersion the object must have this resource version
 */
public record DeleteOptions(
        boolean dryRun,
        @Nullable Long gracePeriodSeconds,
        @Nullable Propagation propagation,
        @Nullable Boolean orphanDependents,
        @Nullable String preconditionUid,
        @Nullable String preconditionResourceVersion) {
    /** What happens to the objects that an object owns. */
    public enum Propagation {
        /** They are no longer owned, and stay. */
        ORPHAN("Orphan"),
        /** They are deleted afterwards. */
        BACKGROUND("Background"),
        /** They are deleted before the object is gone. */
        FOREGROUND("Foreground");

        private final String text;

        Propagation(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** @throws ApiException BadRequest for what cannot be read; Invalid for what does not go together */
    public static DeleteOptions parse(Query query) {
        String uid = query.text("uid");
        return checked(
                query.all("dryRun"),
                QueryValues.optionalLong(query, "gracePeriodSeconds"),
                query.first("propagationPolicy"),
                QueryValues.optionalFlag(query, "orphanDependents"),
                uid.isEmpty() ? null : uid,
                null);
    }

    /**
     * Reads the {@code DeleteOptions} that a request may carry as its body; the query says nothing then.
     *
     * @throws ApiException BadRequest for what has the wrong type; Invalid for what does not go together
     */
    public static DeleteOptions parse(ObjectNode body) {
        List<String> dryRun = new ArrayList<>();
        JsonNode values = present(body, "dryRun", "[]string", JsonNode::isArray);
        if (values != null) {
            for (JsonNode value : values) {
                dryRun.add(typed(value, "dryRun", "string", JsonNode::isTextual).asText());
            }
        }
        JsonNode grace = present(body, "gracePeriodSeconds", "int64", JsonNode::isIntegralNumber);
        JsonNode policy = present(body, "propagationPolicy", "v1.DeletionPropagation", JsonNode::isTextual);
        JsonNode orphan = present(body, "orphanDependents", "bool", JsonNode::isBoolean);
        JsonNode preconditions = present(body, "preconditions", "v1.Preconditions", JsonNode::isObject);
        JsonNode uid = preconditions == null ? null : present(preconditions, "uid", "types.UID", JsonNode::isTextual);
        JsonNode version =
                preconditions == null ? null : present(preconditions, "resourceVersion", "string", JsonNode::isTextual);
        return checked(
                dryRun,
                grace == null ? null : (Long) grace.longValue(),
                policy == null ? null : policy.textValue(),
                orphan == null ? null : (Boolean) orphan.booleanValue(),
                uid == null ? null : uid.textValue(),
                version == null ? null : version.textValue());
    }

    /** As admission is shown them: what was not said is not there. */
    public ObjectNode toTree() {
        ObjectNode tree = Json.object().put("kind", "DeleteOptions").put("apiVersion", "meta.k8s.io/v1");
        if (gracePeriodSeconds != null) {
            tree.put("gracePeriodSeconds", gracePeriodSeconds);
        }
        if (preconditionUid != null || preconditionResourceVersion != null) {
            ObjectNode preconditions = tree.putObject("preconditions");
            if (preconditionUid != null) {
                preconditions.put("uid", preconditionUid);
            }
            if (preconditionResourceVersion != null) {
                preconditions.put("resourceVersion", preconditionResourceVersion);
            }
        }
        if (orphanDependents != null) {
            tree.put("orphanDependents", orphanDependents);
        }
        if (propagation != null) {
            tree.put("propagationPolicy", propagation.toString());
        }
        if (dryRun) {
            tree.putArray("dryRun").add("All");
        }
        return tree;
    }

    private static DeleteOptions checked(
            List<String> dryRun,
            @Nullable Long grace,
            @Nullable String policy,
            @Nullable Boolean orphan,
            @Nullable String uid,
            @Nullable String resourceVersion) {
        FieldErrors errors = new FieldErrors();
        FieldPath policyField = FieldPath.of("propagationPolicy");
        if (orphan != null && policy != null) {
            errors.invalid(policyField, policy, "orphanDependents and deletionPropagation cannot be both set");
        }
        Propagation propagation = null;
        if (policy != null) {
            if (List.of("Foreground", "Background", "Orphan").contains(policy)) {
                propagation = Propagation.valueOf(policy.toUpperCase(Locale.ROOT));
            } else {
                errors.notSupported(policyField, policy, List.of("Foreground", "Background", "Orphan", "nil"));
            }
        }
        boolean dry = WriteOptions.dryRun(dryRun, errors);
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("meta.k8s.io", "DeleteOptions"), "", errors.list());
        }
        return new DeleteOptions(dry, grace, propagation, orphan, uid, resourceVersion);
    }

    private static @Nullable JsonNode present(JsonNode parent, String field, String type, Predicate<JsonNode> fits) {
        JsonNode value = parent.get(field);
        return value == null || value.isNull() ? null : typed(value, field, type, fits);
    }

    private static JsonNode typed(JsonNode value, String field, String type, Predicate<JsonNode> fits) {
        if (!fits.test(value)) {
            throw ApiException.badRequest("json: cannot unmarshal " + typeOf(value)
                    + " into Go struct field DeleteOptions." + field + " of type " + type);
        }
        return value;
    }

    private static String typeOf(JsonNode value) {
        return value.isNumber()
                ? "number"
                : value.getNodeType() == JsonNodeType.BOOLEAN
                        ? "bool"
                        : value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
