package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.DeleteOptions.Propagation;
import io.keelson.apiserver.resource.GarbageCollection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two finalizers by which the garbage collector is told what to do with the objects that an object owns. What a
 * deletion asks for decides; if it asks for nothing, what stands in the object does, and otherwise what is usual for its
 * kind.
 */
final class Finalizers {
    static final String ORPHAN = "orphan";
    static final String FOREGROUND = "foregroundDeletion";

    private Finalizers() {}

    /**
     * The finalizers that an object has from a deletion on.
     *
     * @param collection what objects of its kind are treated like if nobody says so
     */
    static List<String> forDeletion(ObjectNode object, DeleteOptions options, GarbageCollection collection) {
        List<String> present = ObjectMeta.finalizers(object);
        List<String> result = new ArrayList<>(present);
        result.removeIf(Finalizers::isPropagation);
        if (collection == GarbageCollection.UNSUPPORTED) {
            return result;
        }
        Propagation asked = asked(options);
        if (asked == null) {
            String first = present.stream()
                    .filter(Finalizers::isPropagation)
                    .findFirst()
                    .orElse(collection == GarbageCollection.ORPHAN ? ORPHAN : "");
            if (!first.isEmpty()) {
                result.add(first);
            }
        } else if (asked == Propagation.ORPHAN) {
            result.add(ORPHAN);
        } else if (asked == Propagation.FOREGROUND) {
            result.add(FOREGROUND);
        }
        return result;
    }

    private static boolean isPropagation(String finalizer) {
        return finalizer.equals(ORPHAN) || finalizer.equals(FOREGROUND);
    }

    private static @Nullable Propagation asked(DeleteOptions options) {
        Boolean orphan = options.orphanDependents();
        if (orphan != null) {
            return orphan ? Propagation.ORPHAN : Propagation.BACKGROUND;
        }
        return options.propagation();
    }
}
