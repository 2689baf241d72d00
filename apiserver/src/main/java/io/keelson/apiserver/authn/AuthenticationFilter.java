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
public record AuthenticationFilter(Authenticator authenticator, Refused refused) implements Filter {
    private static final Logger log = LoggerFactory.getLogger(AuthenticationFilter.class);

    /** Is told of requests of nobody who may ask, before they are answered. */
    @FunctionalInterface
    public interface Refused {
        void refused(ApiRequest request) throws InterruptedException;
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        Optional<Authenticated> found;
        try {
            found = authenticator.authenticate(request);
        } catch (AuthenticationException e) {
            log.info("unable to authenticate request {}: {}", request.auditId(), e.message());
            found = Optional.empty();
        }
        if (found.isEmpty()) {
            refused.refused(request);
            throw ApiException.unauthorized();
        }
        request.becomes(Groups.authenticated(found.get().user()));
        return next.handle(request);
    }
}
