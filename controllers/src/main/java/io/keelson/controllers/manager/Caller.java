package io.keelson.controllers.manager;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for something that is served.
 *
 * @param uid null if it is not known
 * @param extra what else is known of him, by name
 */
public record Caller(String name, @Nullable String uid, List<String> groups, Map<String, List<String>> extra) {
    /** Somebody who shows nothing. */
    public static final Caller ANONYMOUS =
            new Caller("system:anonymous", null, List.of("system:unauthenticated"), Map.of());

    private static final String AUTHENTICATED = "system:authenticated";

    /** Keeps copies. */
    public Caller {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    /** The same, in the group of all who are known. */
    Caller authenticated() {
        if (groups.contains(AUTHENTICATED)) {
            return this;
        }
        List<String> all = new ArrayList<>(groups);
        all.add(AUTHENTICATED);
        return new Caller(name, uid, all, extra);
    }
}
