package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.rules.ObjectRules;
import io.keelson.apiserver.cel.rules.RuleMetrics;
import io.keelson.apiserver.cel.rules.SchemaRules;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.ScalePaths;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.ListTypes;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.SchemaValidation;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.MetadataValidation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is special about a custom kind, in one of its versions: that which its definition says. */
final class CustomStrategy implements Strategy {
    private static final String STATUS = "status";

    /** What makes an object one that expressions cannot rely on. */
    private static final Set<FieldError.Type> BLOCKING = Set.of(
            FieldError.Type.NOT_SUPPORTED,
            FieldError.Type.REQUIRED,
            FieldError.Type.TOO_LONG,
            FieldError.Type.TOO_MANY,
            FieldError.Type.TYPE_INVALID);

    private final DefinedVersion version;
    private final Map<String, Schema> schemas;
    private final Schema schema;

    private final SchemaRules rules;
    private final RuleMetrics metrics;

    /** @param schemas of all versions, served or not */
    CustomStrategy(DefinedVersion version, Map<String, Schema> schemas, RuleMetrics metrics) {
        this.metrics = metrics;
        this.version = version;
        this.schemas = schemas;
        this.schema = schemas.getOrDefault(version.name(), Schema.ANYTHING);
        this.rules = new SchemaRules(schema, metrics);
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode object) {
        if (version.status()) {
            object.remove(STATUS);
        }
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode object, ObjectNode old) {
        if (version.status()) {
            Fill.copy(old, object, STATUS);
        }
    }

    @Override
    public void warn(ObjectNode object, @Nullable ObjectNode old, List<String> warnings) {
        List<String> before = old == null ? List.of() : ObjectMeta.finalizers(old);
        for (String finalizer : new TreeSet<>(ObjectMeta.finalizers(object))) {
            if (!before.contains(finalizer) && !MetadataValidation.isQualifiedFinalizer(finalizer)) {
                warnings.add("metadata.finalizers: " + GoText.quoted(finalizer)
                        + ": prefer a domain-qualified finalizer name including a path (/) to avoid accidental"
                        + " conflicts with other finalizer writers");
            }
        }
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode object, ObjectNode old) {
        JsonNode status = object.get(STATUS);
        JsonNode managers = object.path("metadata").get("managedFields");
        object.removeAll();
        object.setAll(old.deepCopy());
        set(object, STATUS, status);
        set(ObjectMeta.metadata(object), "managedFields", managers);
    }

    private static void set(ObjectNode object, String field, @Nullable JsonNode value) {
        if (value == null) {
            object.remove(field);
        } else {
            object.set(field, value);
        }
    }

    @Override
    public void restore(ObjectNode object, String stored) {
        Schema then = schemas.get(stored);
        if (then != null) {
            Pruning.prune(object, then);
            Defaulting.dropNulls(object, then);
            Defaulting.apply(object, then);
        }
    }

    @Override
    public void validate(ObjectNode object, FieldErrors errors) {
        SchemaValidation.validate(object, schema, errors);
        wantedReplicas(object, errors);
        seenReplicas(object, errors);
        EmbeddedObjects.validate(object, schema, errors);
        ListTypes.validate(object, schema, errors);
        ObjectRules all = rules(errors);
        if (all != null) {
            long start = System.nanoTime();
            all.validate(object, errors);
            metrics.evaluated(System.nanoTime() - start);
        }
    }

    @Override
    public void validateChanged(ObjectNode object, ObjectNode old, FieldErrors errors) {
        SchemaValidation.validateUpdate(object, old, schema, errors);
        wantedReplicas(object, errors);
        seenReplicas(object, errors);
        EmbeddedObjects.validate(object, schema, errors);
        listTypes(object, old, errors);
        rulesOfChange(object, old, errors);
    }

    @Override
    public void validateStatusUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {
        SchemaValidation.validateUpdate(object, old, schema, errors);
        seenReplicas(object, errors);
        EmbeddedObjects.validate(object, schema, errors);
        listTypes(object, old, errors);
        rulesOfChange(object, old, errors);
    }

    private void rulesOfChange(ObjectNode object, ObjectNode old, FieldErrors errors) {
        ObjectRules all = rules(errors);
        if (all != null) {
            long start = System.nanoTime();
            all.validateChanged(object, old, errors);
            metrics.evaluated(System.nanoTime() - start);
        }
    }

    /** The rules, if there are any and the object is such that they can be asked; null otherwise. */
    private @Nullable ObjectRules rules(FieldErrors errors) {
        ObjectRules all = rules.get();
        if (all != null && errors.list().stream().anyMatch(error -> BLOCKING.contains(error.type()))) {
            errors.invalid(
                    FieldPath.of("<nil>"),
                    "null",
                    "some validation rules were not checked because the object was invalid; correct the existing errors"
                            + " to complete validation");
            return null;
        }
        return all;
    }

    /** An object that broke the rules for lists before they were made may go on doing so. */
    private void listTypes(ObjectNode object, ObjectNode old, FieldErrors errors) {
        FieldErrors found = new FieldErrors();
        ListTypes.validate(object, schema, found);
        if (!found.isEmpty()) {
            FieldErrors before = new FieldErrors();
            ListTypes.validate(old, schema, before);
            if (before.isEmpty()) {
                errors.addAll(found);
            }
        }
    }

    private void wantedReplicas(ObjectNode object, FieldErrors errors) {
        ScalePaths scale = version.scale();
        if (scale != null) {
            count(object, scale.replicas(), errors);
        }
    }

    private void seenReplicas(ObjectNode object, FieldErrors errors) {
        ScalePaths scale = version.scale();
        if (scale == null) {
            return;
        }
        count(object, scale.statusReplicas(), errors);
        if (!scale.selector().isEmpty()) {
            JsonNode selector = at(object, scale.selector());
            if (selector != null && !selector.isTextual()) {
                errors.invalid(path(scale.selector()), "", accessor(scale.selector(), selector) + ", expected string");
            }
        }
    }

    private static void count(ObjectNode object, List<String> fields, FieldErrors errors) {
        JsonNode value = at(object, fields);
        if (value == null) {
            return;
        }
        if (!value.isIntegralNumber()) {
            errors.invalid(path(fields), 0, accessor(fields, value) + ", expected int64");
        } else if (value.longValue() < 0) {
            errors.invalid(path(fields), value, "should be a non-negative integer");
        } else if (value.longValue() > Integer.MAX_VALUE) {
            errors.invalid(path(fields), value, "should be less than or equal to " + Integer.MAX_VALUE);
        }
    }

    private static String accessor(List<String> fields, JsonNode value) {
        return "." + String.join(".", fields) + " accessor error: " + GoTypes.printed(value) + " is of the type "
                + GoTypes.of(value);
    }

    private static FieldPath path(List<String> fields) {
        return FieldPath.of("." + String.join(".", fields));
    }

    private static @Nullable JsonNode at(JsonNode object, List<String> fields) {
        JsonNode value = object;
        for (String field : fields) {
            value = value == null ? null : value.get(field);
        }
        return value;
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode object) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (List<String> field : version.selectable()) {
            JsonNode value = at(object, field);
            fields.put(String.join(".", field), value == null ? "" : value.asText(""));
        }
        return fields;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public boolean countsStatus() {
        return !version.status();
    }
}
