package io.keelson.apiserver.cel.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.schema.OldElements;
import io.keelson.apiserver.schema.Rules;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All rules of a schema, compiled, in its form. Immutable; any thread may hold objects to them.
 */
public final class ObjectRules {
    private final Schema schema;
    private final List<CompiledRule> rules;
    private final Map<String, ObjectRules> properties;
    private final @Nullable ObjectRules values;
    private final @Nullable ObjectRules items;

    private ObjectRules(
            Schema schema,
            List<CompiledRule> rules,
            Map<String, ObjectRules> properties,
            @Nullable ObjectRules values,
            @Nullable ObjectRules items) {
        this.schema = schema;
        this.rules = rules;
        this.properties = properties;
        this.values = values;
        this.items = items;
    }

    /** Compiles the rules of a schema of a custom kind; null if it has none. */
    public static @Nullable ObjectRules of(Schema schema) {
        Rules stated = schema.rules();
        List<CompiledRule> rules = stated == null ? List.of() : RuleCompiler.compile(schema);
        Map<String, ObjectRules> properties = new LinkedHashMap<>();
        schema.properties().forEach((name, property) -> {
            // The metadata of whole objects is that of the API, which has no rules
            ObjectRules below = schema.embeddedResource() && name.equals("metadata") ? null : of(property);
            if (below != null) {
                properties.put(name, below);
            }
        });
        Schema mapValues = schema.additionalProperties();
        ObjectRules values = mapValues == null ? null : of(mapValues);
        Schema elements = schema.items();
        ObjectRules items = elements == null ? null : of(elements);
        return rules.isEmpty() && properties.isEmpty() && values == null && items == null
                ? null
                : new ObjectRules(schema, rules, Map.copyOf(properties), values, items);
    }

    /** Says which rules a new object breaks. */
    public void validate(JsonNode object, FieldErrors errors) {
        new Walk(errors).place(this, object, Correlation.ofObject(object, null), FieldPath.root());
    }

    /** Says which rules a changed object breaks; those that a part broke before that did not change are pardoned. */
    public void validateChanged(JsonNode object, JsonNode old, FieldErrors errors) {
        new Walk(errors).place(this, object, Correlation.ofObject(object, old), FieldPath.root());
    }

    /** Goes through one object, until all rules were looked at or too much was spent. */
    private static final class Walk {
        private final FieldErrors errors;
        private final CelBudget budget = CelBudget.ofObject();
        private boolean over;

        Walk(FieldErrors errors) {
            this.errors = errors;
        }

        void place(ObjectRules here, JsonNode value, Correlation correlation, FieldPath path) {
            if (over || value.isNull()) {
                return;
            }
            if (!here.rules.isEmpty()) {
                over = !new PlaceRules(here.schema, here.rules, budget, errors).check(value, correlation, path);
            }
            if (value.isObject()) {
                fields(here, value, correlation, path);
            } else if (value.isArray() && here.items != null) {
                elements(here, here.items, value, correlation, path);
            }
        }

        private void fields(ObjectRules here, JsonNode value, Correlation correlation, FieldPath path) {
            JsonNode old = correlation.old();
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                String name = field.getKey();
                ObjectRules below = here.values != null ? here.values : here.properties.get(name);
                if (below == null) {
                    continue;
                }
                Correlation child = here.schema.atomicMap()
                        ? correlation.apart(field.getValue())
                        : correlation.below(field.getValue(), old == null ? null : old.get(name));
                place(below, field.getValue(), child, here.values != null ? path.key(name) : path.child(name));
            }
        }

        private void elements(
                ObjectRules here, ObjectRules below, JsonNode list, Correlation correlation, FieldPath path) {
            OldElements before = new OldElements(here.schema, correlation.old());
            boolean told = here.schema.listType() == Schema.ListType.MAP;
            for (int i = 0; i < list.size(); i++) {
                JsonNode element = list.get(i);
                place(
                        below,
                        element,
                        told ? correlation.below(element, before.of(element)) : correlation.apart(element),
                        path.index(i));
            }
        }
    }
}
