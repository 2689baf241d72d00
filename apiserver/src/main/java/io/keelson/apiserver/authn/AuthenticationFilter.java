package io.keelson.apiserver.authn;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts into the request who sent it; a request of nobody who may ask is answered with 401. */
public record AuthenticationFilter(Authenticator authenticator) implements Filter {
    private static final Logger log = LoggerFactory.getLogger(AuthenticationFilter.class);

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        Optional<Authenticated> found;
        try {
            found = authenticator.authenticate(request);
        } catch (AuthenticationException e) {
            log.info("unable to authenticate request {}: {}", request.auditId(), e.message());
            throw ApiException.unauthorized();
        }
        request.becomes(Groups.authenticated(
                found.orElseThrow(ApiException::unauthorized).user()));
        return next.handle(request);
    }
}
