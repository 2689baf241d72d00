package io.keelson.apiserver.openapi;

import io.keelson.apiserver.resource.GroupVersionKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one HTTP method does at one path.
 *
 * @param method in lower case
 * @param id unique in all documents, {@code listCoreV1NamespacedPod} for example
 * @param tag by which generators of clients make classes, {@code core_v1} for example
 * @param action what it does to the kind: get, list, post, put, patch, delete, deletecollection, watch, connect; empty if
 *     it is about no kind
 * @param kind empty if it is about no kind
 * @param body the schema of what is sent; empty if nothing is
 * @param bodyRequired whether something has to be sent
 * @param consumes the formats of the body
 * @param produces the formats of answers
 * @param answers schemas by status; empty text for an answer that is plain text
 */
record Operation(
        String method,
        String id,
        String description,
        String tag,
        String action,
        @Nullable GroupVersionKind kind,
        List<Parameter> parameters,
        String body,
        boolean bodyRequired,
        List<String> consumes,
        List<String> produces,
        Map<Integer, String> answers) {
    /** Of an answer: plain text. */
    static final String TEXT = "";
}
