package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a configuration into an object without anybody's becoming the manager of anything: what admission policies do. The
 * configuration may not set lists, maps or objects that are one value: whoever writes it would easily take away what else
 * is in them.
 */
public final class AppliedConfiguration {
    private AppliedConfiguration() {}

    /** The two do not fit together, or the schema; the message says where and why. */
    public static final class MisfitException extends Exception {
        private static final long serialVersionUID = 1L;

        MisfitException(String message) {
            super(message, null, false, false);
        }

        public String message() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The object with what the configuration sets.
     *
     * @param live stays as it is
     * @param configuration of the same version; stays as it is
     * @param schema of objects of the kind
     * @return in new nodes
     */
    public static ObjectNode merge(ObjectNode live, ObjectNode configuration, Schema schema) throws MisfitException {
        MergeType type = MergeType.ofKind(schema);
        TypedObject applied = typed(configuration, type, TypedObject.Duplicates.REFUSED, "patch");
        List<String> atomics = new ArrayList<>();
        findAtomics(type, configuration, new ArrayList<>(), atomics);
        if (!atomics.isEmpty()) {
            throw new MisfitException("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
                    + String.join(", ", atomics));
        }
        TypedObject there = typed(live, type, TypedObject.Duplicates.TOLERATED, "original");
        try {
            return Merge.of(there, applied).deepCopy();
        } catch (MergeException e) {
            throw new MisfitException("failed to merge patch: " + e.message());
        }
    }

    private static TypedObject typed(ObjectNode object, MergeType type, TypedObject.Duplicates duplicates, String which)
            throws MisfitException {
        try {
            return TypedObject.of(object, type, object.path("apiVersion").asText(""), duplicates);
        } catch (MergeException e) {
            throw new MisfitException("failed to convert " + which + " object to typed object: " + e.message());
        }
    }

    private static void findAtomics(MergeType type, JsonNode value, List<PathElement> path, List<String> found) {
        MergeType.Form form = type.form(value);
        boolean container = value.isObject() || value.isArray();
        if (container && form != MergeType.Form.SCALAR && type.isDeclared() && type.isAtomic(form)) {
            found.add(FieldSet.shown(path));
        }
        if (value.isObject() && form == MergeType.Form.OBJECT) {
            value.properties().forEach(field -> {
                MergeType below = type.field(field.getKey());
                if (below != null && type.declares(field.getKey())) {
                    path.addLast(new PathElement.Field(field.getKey()));
                    findAtomics(below, field.getValue(), path, found);
                    path.removeLast();
                }
            });
        } else if (value.isArray() && form == MergeType.Form.LIST) {
            for (int i = 0; i < value.size(); i++) {
                path.addLast(new PathElement.Index(i));
                findAtomics(type.element(), value.path(i), path, found);
                path.removeLast();
            }
        }
    }
}
