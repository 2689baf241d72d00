package io.keelson.apiserver.resource;

import java.util.Set;

/**
 * A part of a resource with a path of its own, {@code pods/log} for example.
 *
 * @param name behind the slash
 * @param kind what is sent and received there, as discovery names it
 * @param verbs what can be done with it; for connections (exec, proxy) those that the HTTP methods stand for
 */
public record Subresource(String name, GroupVersionKind kind, Set<Verb> verbs) {
    public static final String STATUS = "status";
    public static final String SCALE = "scale";
    public static final String PROXY = "proxy";

    public Subresource {
        verbs = Set.copyOf(verbs);
    }
}
