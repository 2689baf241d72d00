package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;

/** Lets pass only what is allowed. */
public record AuthorizationFilter(Authorizer authorizer) implements Filter {
    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        authorizer.require(Attributes.of(request));
        return next.handle(request);
    }
}
