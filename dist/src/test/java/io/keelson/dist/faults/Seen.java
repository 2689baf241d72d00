package io.keelson.dist.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.Map;
import java.util.TreeMap;

/**
 * An object as somebody saw it, as far as it takes to tell its states apart.
 *
 * @param name within its resource and namespace
 * @param revision its resource version
 * @param uid of the object of this name that it is
 * @param content a hash of all that is in it, but for its resource version and what says of which kind it is
 * @param notes its annotations
 */
record Seen(String name, long revision, String uid, int content, Map<String, String> notes) {
    /** An object of the API, or of a list or a watch. */
    static Seen of(ObjectNode object) {
        return of(object, object.path("metadata").path("resourceVersion").asLong());
    }

    /** What stands in the store, where the revision is not part of it. */
    static Seen stored(byte[] value, long revision) {
        return of(Json.parseObject(value), revision);
    }

    private static Seen of(ObjectNode object, long revision) {
        ObjectNode rest = object.deepCopy();
        rest.remove("kind");
        rest.remove("apiVersion");
        if (rest.get("metadata") instanceof ObjectNode metadata) {
            metadata.remove("resourceVersion");
        }
        Map<String, String> notes = new TreeMap<>();
        object.path("metadata")
                .path("annotations")
                .properties()
                .forEach(note -> notes.put(note.getKey(), note.getValue().asText()));
        return new Seen(
                object.path("metadata").path("name").asText(),
                revision,
                object.path("metadata").path("uid").asText(),
                rest.hashCode(),
                notes);
    }

    /** The same state, told of at another revision, as a deletion does it. */
    Seen at(long other) {
        return new Seen(name, other, uid, content, notes);
    }

    @Override
    public String toString() {
        return name + "@" + revision + notes;
    }
}
