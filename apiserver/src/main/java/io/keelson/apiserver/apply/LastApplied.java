package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The annotation in which {@code kubectl apply} without {@code --server-side} keeps the last configuration. Server-side
 * apply by kubectl reads it, so that whoever changes over meets no conflicts with himself, and keeps it up to date, so
 * that he can go back.
 */
final class LastApplied {
    /** The only manager for whom the annotation counts. */
    static final String MANAGER = "kubectl";

    static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

    /** Of all annotations of an object together, keys and values. */
    private static final int ANNOTATIONS_BYTES_MAX = 256 * 1024;

    private LastApplied() {}

    /** What was last applied on the client's side and still stands in the live object; null if that cannot be told. */
    static @Nullable FieldSet stillStanding(TypedObject live, Ownership ownership) {
        String text = ObjectMeta.annotation(live.object(), ANNOTATION);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            ObjectNode config = Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
            if (!ObjectMeta.apiVersion(config).equals(live.apiVersion())) {
                return null;
            }
            TypedObject last = ownership.typed(config, live.apiVersion(), TypedObject.Duplicates.REFUSED);
            Comparison comparison = Comparison.of(last, live);
            return last.fields()
                    .difference(comparison.modified())
                    .difference(comparison.added())
                    .difference(comparison.removed());
        } catch (MalformedException | MergeException e) {
            // Anybody can write anything into an annotation; one that makes no sense is none.
            return null;
        }
    }

    /** Writes the configuration into the annotation, if the object has it and it fits. */
    static void renew(ObjectNode object, ObjectNode config) {
        String present = ObjectMeta.annotation(object, ANNOTATION);
        if (present == null || present.isEmpty()) {
            return;
        }
        ObjectNode kept = config.deepCopy();
        if (kept.path("metadata").path("annotations") instanceof ObjectNode annotations) {
            annotations.remove(ANNOTATION);
        }
        Map<String, String> annotations = ObjectMeta.annotations(object);
        annotations.put(ANNOTATION, ValueOrder.canonical(kept) + "\n");
        long bytes = 0;
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            bytes += annotation.getKey().getBytes(StandardCharsets.UTF_8).length
                    + annotation.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > ANNOTATIONS_BYTES_MAX) {
            annotations.remove(ANNOTATION);
        }
        ObjectMeta.setAnnotations(object, annotations);
    }
}
