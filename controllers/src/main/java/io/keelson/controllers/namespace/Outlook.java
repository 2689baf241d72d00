package io.keelson.controllers.namespace;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the deletion of a namespace's content has come.
 *
 * @param discoveryFailure why not all kinds are known; null if they are
 * @param malformedVersions what is wrong with the names of versions; null if nothing is
 * @param failures what the API says to deletions that it refuses
 * @param remaining how many objects are left, by {@code resource.group}; the dot is there for the core group too
 * @param finalizers how many of these each finalizer holds
 * @param waitSeconds after how long what remains may be gone by itself; 0 if nothing remains
 */
record Outlook(
        @Nullable String discoveryFailure,
        @Nullable String malformedVersions,
        List<String> failures,
        Map<String, Integer> remaining,
        Map<String, Integer> finalizers,
        long waitSeconds) {
    Outlook {
        failures = List.copyOf(failures);
        remaining = Map.copyOf(remaining);
        finalizers = Map.copyOf(finalizers);
    }

    /** Why the deletion has to be tried again soon; null if it went as it should so far. */
    @Nullable
    String problem() {
        if (!failures.isEmpty()) {
            return String.join(", ", failures);
        }
        return discoveryFailure != null ? discoveryFailure : malformedVersions;
    }
}
