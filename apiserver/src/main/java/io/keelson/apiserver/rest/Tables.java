package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.TableOptions;
import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.time.Instant;
import java.util.List;

/** Turns objects into what {@code kubectl get} shows, and into their metadata alone. */
final class Tables {
    private static final String META_GROUP = "meta.k8s.io";
    private static final String TABLE = "Table";
    private static final String PARTIAL = "PartialObjectMetadata";
    private static final String PARTIAL_LIST = "PartialObjectMetadataList";

    private Tables() {}

    static boolean isTable(GroupVersionKind kind) {
        return isMeta(kind) && kind.kind().equals(TABLE);
    }

    static boolean isPartial(GroupVersionKind kind) {
        return isMeta(kind) && kind.kind().equals(PARTIAL);
    }

    static boolean isPartialList(GroupVersionKind kind) {
        return isMeta(kind) && kind.kind().equals(PARTIAL_LIST);
    }

    private static boolean isMeta(GroupVersionKind kind) {
        return kind.group().equals(META_GROUP)
                && (kind.version().equals("v1") || kind.version().equals("v1beta1"));
    }

    /**
     * A table with a row for each object.
     *
     * @param as the kind that was asked for
     * @param metadata of the list, or of the object
     * @param objects in the version the columns belong to
     * @param headers whether the columns are described
     */
    static ObjectNode table(
            GroupVersionKind as,
            ObjectNode metadata,
            List<Column> columns,
            Iterable<ObjectNode> objects,
            TableOptions include,
            boolean headers,
            Instant now) {
        ObjectNode table = Json.object()
                .put("kind", TABLE)
                .put("apiVersion", as.groupVersion().toString());
        table.set("metadata", metadata);
        if (headers) {
            ArrayNode definitions = table.putArray("columnDefinitions");
            columns.forEach(column -> definitions
                    .addObject()
                    .put("name", column.name())
                    .put("type", column.type())
                    .put("format", column.format())
                    .put("description", column.description())
                    .put("priority", column.priority()));
        } else {
            table.putNull("columnDefinitions");
        }
        ArrayNode rows = table.putArray("rows");
        for (ObjectNode object : objects) {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells");
            columns.forEach(column -> cells.add(column.cell().of(object, now)));
            switch (include) {
                case OBJECT -> row.set("object", object);
                case METADATA -> row.set("object", partial(as, object));
                case NONE -> row.putNull("object");
            }
        }
        return table;
    }

    /** The metadata of an object. */
    static ObjectNode partial(GroupVersionKind as, ObjectNode object) {
        ObjectNode partial = Json.object()
                .put("kind", PARTIAL)
                .put("apiVersion", as.groupVersion().toString());
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    /** The metadata of objects. */
    static ObjectNode partialList(GroupVersionKind as, ObjectNode metadata, Iterable<ObjectNode> objects) {
        ObjectNode list = Json.object()
                .put("kind", PARTIAL_LIST)
                .put("apiVersion", as.groupVersion().toString());
        list.set("metadata", metadata);
        ArrayNode items = list.putArray("items");
        objects.forEach(object -> items.add(partial(as, object)));
        return list;
    }
}
