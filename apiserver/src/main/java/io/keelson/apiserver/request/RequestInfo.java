package io.keelson.apiserver.request;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;
import java.util.Set;

/**
 * What a request asks for, read from its method and path alone.
 *
 * @param path as it was sent, decoded, without the query
 * @param verb in lower case: get, list, watch, create, update, patch, delete, deletecollection, proxy for resources; the
 *     HTTP method in lower case for everything else
 * @param resourceRequest whether it is about a resource; what follows is empty otherwise
 * @param apiPrefix {@code api} or {@code apis}
 * @param group empty for the core group
 * @param namespace empty for all, or none; the name itself for a namespace
 * @param resource in the plural, as in paths
 * @param subresource empty if none is asked for
 * @param name empty if all are asked for; that of a list or watch may come from its field selector
 * @param rest what follows the subresource (of a proxy request: the path there), with its leading slash; or empty
 */
public record RequestInfo(
        String path,
        String verb,
        boolean resourceRequest,
        String apiPrefix,
        String group,
        String version,
        String namespace,
        String resource,
        String subresource,
        String name,
        String rest) {
    private static final Set<String> LASTING_VERBS = Set.of("watch", "proxy");
    private static final Set<String> LASTING_SUBRESOURCES = Set.of("attach", "exec", "proxy", "log", "portforward");

    /** Whether it lasts as long as somebody wants, so that it is no sign of trouble if it lasts long. */
    public boolean lasts() {
        return resourceRequest
                ? LASTING_VERBS.contains(verb) || LASTING_SUBRESOURCES.contains(subresource)
                : path.startsWith("/debug/pprof/") || path.equals("/debug/flight");
    }

    /**
     * Whether the path itself is that of one object, or of a part of it. The name alone does not tell: a list or watch has the
     * one that its field selector asks for.
     */
    public boolean namesOne() {
        return switch (verb) {
            case "list", "deletecollection" -> false;
            case "watch" -> !name.isEmpty() && RequestInfoParser.hasVerbInPath(path);
            default -> !name.isEmpty();
        };
    }

    public GroupVersion groupVersion() {
        return new GroupVersion(group, version);
    }

    public GroupResource groupResource() {
        return new GroupResource(group, resource);
    }
}
