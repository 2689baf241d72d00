package io.keelson.apiserver.authn;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.UserInfo;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts into the request who sent it; a request of nobody who may ask is answered with 401. A connection of HTTP/2 costs more
 * than one of HTTP/1 and is easier to abuse, so who cannot be told who they are do not get to keep one: they are answered,
 * and asked to make another.
 */
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
            request.askToLeave();
            refused.refused(request);
            throw ApiException.unauthorized();
        }
        UserInfo user = found.get().user();
        if (user.name().equals(UserInfo.ANONYMOUS.name())) {
            request.askToLeave();
        }
        request.becomes(Groups.authenticated(user));
        return next.handle(request);
    }
}
