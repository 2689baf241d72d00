package io.keelson.apiserver.rest;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** Refuses what cannot be done at a path. */
final class Verbs {
    private Verbs() {}

    /** @throws ApiException MethodNotAllowed if the request wants something else */
    static void require(ApiRequest request, Resource resource, String... verbs) {
        if (!List.of(verbs).contains(request.info().verb())) {
            throw ApiException.methodNotSupported(
                    resource.name(), request.info().verb());
        }
    }
}
