package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked about those who come to a component's port.
 *
 * @param authentication how the API is reached that knows tokens; null for as the component itself does
 * @param authorization how the API is reached that knows who may what; null for as the component itself does
 * @param tokensKept for how long it is remembered who shows a token
 * @param allowedKept for how long it is remembered that somebody may
 * @param refusedKept for how long it is remembered that somebody may not
 * @param openPaths what everybody may read: paths, or what they begin with if it ends with a star
 */
record AccessSettings(
        @Nullable Config authentication,
        @Nullable Config authorization,
        Duration tokensKept,
        Duration allowedKept,
        Duration refusedKept,
        List<String> openPaths) {
    private static final Duration KEPT = Duration.ofSeconds(10);

    /** As it is without flags: all is remembered for ten seconds, and everybody may ask for health. */
    static final AccessSettings DEFAULT =
            new AccessSettings(null, null, KEPT, KEPT, KEPT, List.of("/healthz", "/readyz", "/livez"));

    AccessSettings {
        openPaths = List.copyOf(openPaths);
    }

    /** Whether everybody may read a path. */
    boolean isOpen(String path) {
        return openPaths.stream()
                .anyMatch(open ->
                        open.endsWith("*") ? path.startsWith(open.substring(0, open.length() - 1)) : path.equals(open));
    }
}
