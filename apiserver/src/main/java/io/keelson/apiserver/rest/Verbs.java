package io.keelson.apiserver.rest;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import java.util.List;
import java.util.Set;

/**
 * Refuses what cannot be done at a path. Authorization goes by what a path says; so nothing is done at a path that says
 * something else than is done: an object without a namespace is not reached through one, and a method that is for one object
 * means nothing where there are many.
 */
final class Verbs {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final Set<String> READ_METHODS = Set.of("GET", "HEAD");

    private Verbs() {}

    /** @throws ApiException MethodNotAllowed if the request wants something else */
    static void require(ApiRequest request, Resource resource, String... verbs) {
        if (!List.of(verbs).contains(request.info().verb())) {
            throw notAllowed(resource, request.info());
        }
    }

    /** What is answered to a verb that there is not at a path. */
    static ApiException notAllowed(Resource resource, RequestInfo info) {
        return resource.custom()
                ? ApiException.methodNotSupported(resource.name(), info.verb())
                : ApiException.methodNotAllowed();
    }

    /**
     * Holds path, method and resource against each other.
     *
     * @throws ApiException NotFound if the path leads nowhere; MethodNotAllowed, for custom kinds also BadRequest, if it does
     *     not go with the method
     */
    static void requirePlace(ApiRequest request, Resource resource) {
        RequestInfo info = request.info();
        boolean one = info.namesOne();
        if (!isPath(resource, info, one)) {
            throw ApiException.noSuchResource();
        }
        if (info.verb().equals("watch") && !READ_METHODS.contains(request.method())) {
            throw notAllowed(resource, info);
        }
        boolean part = !info.subresource().isEmpty();
        boolean everywhere = resource.namespaced() && info.namespace().isEmpty();
        boolean fits = switch (info.verb()) {
            case "create" -> (part || !one || resource.custom()) && !everywhere;
            case "deletecollection" -> !everywhere;
            case "update", "patch" -> one;
            default -> true;
        };
        if (fits) {
            return;
        }
        if (!resource.custom()) {
            throw ApiException.methodNotAllowed();
        }
        throw everywhere ? ApiException.noSuchResource() : ApiException.badRequest("name must be provided");
    }

    private static boolean isPath(Resource resource, RequestInfo info, boolean one) {
        boolean part = !info.subresource().isEmpty();
        if (info.verb().equals("proxy") || (part && (!one || info.verb().equals("watch")))) {
            return false;
        }
        boolean below = !info.rest().isEmpty() && !info.rest().equals("/");
        if (below && !info.subresource().equals(Subresource.PROXY)) {
            return false;
        }
        if (resource.namespaced()) {
            // Over all namespaces there is nothing but lists and watches.
            return !info.namespace().isEmpty() || (!one && resource.verbs().contains(Verb.LIST));
        }
        boolean ownNamespace =
                resource.name().equals(NAMESPACES) && info.namespace().equals(info.name());
        return info.namespace().isEmpty() || ownNamespace;
    }
}
