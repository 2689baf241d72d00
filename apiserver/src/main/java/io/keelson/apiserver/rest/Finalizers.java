package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.DeleteOptions.Propagation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two finalizers by which the garbage collector is told what to do with the objects that an object owns. What a
 * deletion asks for decides; if it asks for nothing, what stands in the object does.
 */
final class Finalizers {
    static final String ORPHAN = "orphan";
    static final String FOREGROUND = "foregroundDeletion";

    private Finalizers() {}

    /** The finalizers that an object has from a deletion on. */
    static List<String> forDeletion(ObjectNode object, DeleteOptions options) {
        List<String> present = ObjectMeta.finalizers(object);
        List<String> result = new ArrayList<>(present);
        result.remove(ORPHAN);
        result.remove(FOREGROUND);
        Propagation asked = asked(options);
        boolean orphan = asked == null ? present.contains(ORPHAN) : asked == Propagation.ORPHAN;
        boolean foreground = asked == null ? present.contains(FOREGROUND) : asked == Propagation.FOREGROUND;
        if (orphan) {
            result.add(ORPHAN);
        } else if (foreground) {
            result.add(FOREGROUND);
        }
        return result;
    }

    private static @Nullable Propagation asked(DeleteOptions options) {
        Boolean orphan = options.orphanDependents();
        if (orphan != null) {
            return orphan ? Propagation.ORPHAN : Propagation.BACKGROUND;
        }
        return options.propagation();
    }
}
