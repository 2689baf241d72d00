package io.keelson.apiserver.proxy;

import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a backend.
 *
 * @param target path and query, escaped
 * @param host for the header of that name
 * @param fields other header fields; none that is about the connection
 * @param upgrade the protocol to be spoken afterwards; empty for none
 * @param body null for none
 * @param bodyBytes how long it is; -1 if nobody knows
 * @param kept whether it shares connections with others: it may have one that was used before, and leaves its own behind
 */
public record BackendRequest(
        String method,
        String target,
        String host,
        Map<String, List<String>> fields,
        String upgrade,
        @Nullable InputStream body,
        long bodyBytes,
        boolean kept) {
    /** A read. */
    public static BackendRequest get(Destination destination, String target) {
        return new BackendRequest("GET", target, destination.authority(), Map.of(), "", null, 0, false);
    }

    /** The same with a header field more. */
    public BackendRequest with(String name, String value) {
        Map<String, List<String>> more = new LinkedHashMap<>(fields);
        more.put(name, List.of(value));
        return new BackendRequest(method, target, host, more, upgrade, body, bodyBytes, kept);
    }

    /** The same over a connection that others have used, and may use. */
    public BackendRequest keeping() {
        return new BackendRequest(method, target, host, fields, upgrade, body, bodyBytes, true);
    }

    /** Whether it can be sent again if a connection turns out to be dead, although the backend may have heard it. */
    boolean repeatable() {
        return body == null && (method.equals("GET") || method.equals("HEAD"));
    }
}
