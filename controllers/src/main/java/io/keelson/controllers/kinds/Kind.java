package io.keelson.controllers.kinds;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * A kind of objects as one version of its group serves it.
 *
 * @param group empty for the core group
 * @param resource its plural, as paths have it
 * @param kind as objects and owner references have it
 * @param verbs what may be done with its objects
 */
public record Kind(String group, String version, String resource, String kind, boolean namespaced, Set<String> verbs) {
    public Kind {
        verbs = Set.copyOf(verbs);
    }

    /** {@code v1}, or {@code apps/v1}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + '/' + version;
    }

    /** {@code pods}, or {@code deployments.apps}: the same for all versions. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + '.' + group;
    }

    /** Whether all of these may be done with its objects. */
    public boolean offers(String... wanted) {
        return verbs.containsAll(List.of(wanted));
    }

    /** The path of its objects in a namespace; in all, or of the cluster, if that is empty. */
    public String path(String namespace) {
        return (group.isEmpty() ? "/api/" : "/apis/")
                + apiVersion()
                + (namespace.isEmpty() ? "" : "/namespaces/" + segment(namespace))
                + '/'
                + resource;
    }

    /** The path of one of its objects; in a namespace, or of the cluster if that is empty. */
    public String path(String namespace, String name) {
        return path(namespace) + '/' + segment(name);
    }

    /** Names of roles may have nearly any character in them. */
    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
