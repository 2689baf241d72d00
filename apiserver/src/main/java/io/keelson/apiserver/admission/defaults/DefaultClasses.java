package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of the classes of a kind is meant if nobody says so. */
final class DefaultClasses {
    /** Timestamps of the API sort as text. */
    private static final Comparator<ObjectNode> NEWEST_FIRST = Comparator.<ObjectNode, String>comparing(
                    ObjectMeta::creationTimestamp)
            .reversed()
            .thenComparing(ObjectMeta::name);

    private DefaultClasses() {}

    /** The newest of those that are annotated so, of equally new ones the first by name; null if none is. */
    static @Nullable String of(List<ObjectNode> classes, String... annotations) {
        return classes.stream()
                .filter(candidate -> isMarked(candidate, annotations))
                .min(NEWEST_FIRST)
                .map(ObjectMeta::name)
                .orElse(null);
    }

    private static boolean isMarked(ObjectNode candidate, String... annotations) {
        for (String annotation : annotations) {
            if ("true".equals(ObjectMeta.annotation(candidate, annotation))) {
                return true;
            }
        }
        return false;
    }
}
