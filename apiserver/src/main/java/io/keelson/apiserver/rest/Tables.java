package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.printing.PodColumns;
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
        ObjectNode table = head(as, metadata, columns, headers);
        ArrayNode rows = table.putArray("rows");
        objects.forEach(object -> rows.add(row(as, columns, object, include, now)));
        return table;
    }

    /** A table without its rows. */
    static ObjectNode head(GroupVersionKind as, ObjectNode metadata, List<Column> columns, boolean headers) {
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
        return table;
    }

    /** The row of an object. */
    static ObjectNode row(
            GroupVersionKind as, List<Column> columns, ObjectNode object, TableOptions include, Instant now) {
        ObjectNode row = Json.object();
        ArrayNode cells = row.putArray("cells");
        columns.forEach(column -> cells.add(column.cell().of(object, now)));
        ArrayNode conditions = PodColumns.rowConditions(object);
        if (!conditions.isEmpty()) {
            row.set("conditions", conditions);
        }
        switch (include) {
            case OBJECT -> row.set("object", object);
            case METADATA -> row.set("object", partial(as, object));
            case NONE -> row.putNull("object");
        }
        return row;
    }

    /** The metadata of an object. */
    static ObjectNode partial(GroupVersionKind as, ObjectNode object) {
        return partial(as, object.path("metadata"));
    }

    private static ObjectNode partial(GroupVersionKind as, JsonNode metadata) {
        ObjectNode partial = Json.object()
                .put("kind", PARTIAL)
                .put("apiVersion", as.groupVersion().toString());
        partial.set("metadata", metadata);
        return partial;
    }

    /** The metadata of an object out of a cache, in the version that it is stored in. */
    static ObjectNode partial(GroupVersionKind as, CacheEntry entry) {
        return partial(as, entry.metadata());
    }

    /** The kind of the objects in a list of kind {@code as}. */
    static GroupVersionKind partialOf(GroupVersionKind as) {
        return new GroupVersionKind(as.group(), as.version(), PARTIAL);
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
