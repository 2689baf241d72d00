package io.keelson.apiserver.request;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;

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
 * @param name empty if all are asked for
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
    public GroupVersion groupVersion() {
        return new GroupVersion(group, version);
    }

    public GroupResource groupResource() {
        return new GroupResource(group, resource);
    }
}
