package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with paths that are mounted, or lie below a mount. */
public final class PathRules {
    private static final String BACKSTEPS = "must not contain '..'";

    private PathRules() {}

    /** A path that leads nowhere but down. */
    static void descending(Place path) {
        if (path.text().startsWith("/")) {
            path.invalid("must be a relative path");
        }
        noBacksteps(path);
    }

    /** As {@link #descending}, and not among the names that the node keeps for itself. */
    static void descendingNotReserved(Place path) {
        descending(path);
        String text = path.text();
        if (text.startsWith("..") && !text.startsWith("../") && !text.equals("..")) {
            path.invalid("must not start with '..'");
        }
    }

    /** A path without steps up. */
    public static void noBacksteps(Place path) {
        if (hasBacksteps(path.text())) {
            path.invalid(BACKSTEPS);
        }
    }

    static boolean hasBacksteps(String path) {
        return List.of(path.split("/", -1)).contains("..");
    }
}
