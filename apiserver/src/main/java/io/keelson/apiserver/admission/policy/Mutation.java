package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.conditions.Compiled;
import io.keelson.apiserver.admission.conditions.Compiled.FailedException;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.apply.AppliedConfiguration;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.cel.ConstructedObject;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.patch.JsonPatch;
import io.keelson.apiserver.patch.PatchException;
import io.keelson.apiserver.schema.Schema;
import java.util.List;

/** One change that a mutating policy makes. Immutable. */
sealed interface Mutation {
    /** An object with the fields to be set, which is merged into the one that is written, as if it were applied. */
    record Configuration(Compiled expression) implements Mutation {}

    /** A list of operations. */
    record Patch(Compiled expression) implements Mutation {}

    /** Reads and compiles one. */
    static Mutation of(JsonNode mutation, AdmissionExpressions expressions) {
        if (mutation.path("patchType").asText("").equals("JSONPatch")) {
            String text = mutation.path("jsonPatch").path("expression").asText("");
            return new Patch(Compiled.of(text, expressions::patch));
        }
        String text = mutation.path("applyConfiguration").path("expression").asText("");
        return new Configuration(Compiled.of(text, expressions::configuration));
    }

    /**
     * Changes an object.
     *
     * @param object in the version that the policy sees; stays as it is
     * @param schema of that version
     * @param values of all variables
     * @return another object, or the same if nothing is to be changed
     * @throws FailedException if the expression fails
     * @throws ConfigurationException if what comes of it cannot be put into the object
     */
    default ObjectNode change(ObjectNode object, Schema schema, Variables values, CelBudget budget)
            throws FailedException, ConfigurationException {
        return switch (this) {
            case Configuration configuration ->
                applied(object, schema, configuration.expression().evaluate(values, budget));
            case Patch patch -> patched(object, patch.expression().evaluate(values, budget));
        };
    }

    private static ObjectNode applied(ObjectNode object, Schema schema, Object result) throws ConfigurationException {
        if (!(result instanceof ConstructedObject constructed)) {
            throw new ConfigurationException("unsupported return type from ApplyConfiguration expression");
        }
        TypeNames.check(constructed);
        if (!(CelValues.json(constructed) instanceof ObjectNode configuration)) {
            throw new ConfigurationException("invalid return type");
        }
        ObjectMeta.setApiVersion(configuration, ObjectMeta.apiVersion(object));
        ObjectMeta.setKind(configuration, ObjectMeta.kind(object));
        try {
            return AppliedConfiguration.merge(object, configuration, schema);
        } catch (AppliedConfiguration.MisfitException e) {
            throw new ConfigurationException("error applying patch: " + e.message());
        }
    }

    private static ObjectNode patched(ObjectNode object, Object result) throws ConfigurationException {
        if (!(result instanceof List<?> operations)) {
            throw new ConfigurationException("type mismatch: JSONPatchType.expression should evaluate to array");
        }
        ArrayNode patch = Json.array();
        for (Object operation : operations) {
            if (!(operation instanceof ConstructedObject constructed)) {
                throw new ConfigurationException(
                        "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
            }
            if (constructed.get("value") instanceof ConstructedObject value) {
                TypeNames.check(value);
            }
            patch.add(CelValues.json(constructed));
        }
        if (patch.isEmpty()) {
            return object;
        }
        try {
            return JsonPatch.of(patch).patch(object);
        } catch (PatchException | ApiException e) {
            if (e instanceof PatchException failed && failed.isFailedTest()) {
                // The operation is there to say when nothing is to be done.
                return object;
            }
            throw new ConfigurationException("JSONPath: " + e.getMessage());
        }
    }
}
