package io.keelson.apiserver.cel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers what expressions ask of {@code authorizer}: whether somebody may do something. May be asked by any thread. */
public interface CelAuthorizer {
    /** The answer. */
    enum Verdict {
        ALLOWED,
        DENIED,
        NO_OPINION
    }

    /**
     * @param reason in words, may be empty
     * @param error why the answer could not be found out; null if it could
     */
    record Decision(
            Verdict verdict, String reason, @Nullable String error) {}

    /**
     * Whose right to do what is in question. Either of a path outside of resources, or of a resource.
     *
     * @param account namespace and name of a service account, two elements, instead of who sent the request; empty for the
     *     latter
     * @param path outside of resources; empty for resources
     * @param fieldSelector as text; empty if there is none
     * @param labelSelector as text; empty if there is none
     */
    record Question(
            List<String> account,
            String path,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name,
            String fieldSelector,
            String labelSelector,
            String verb) {}

    Decision check(Question question);
}
