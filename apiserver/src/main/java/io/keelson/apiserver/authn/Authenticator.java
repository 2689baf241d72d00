package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out who sent a request, in one way. Any thread; may wait for other servers. */
@FunctionalInterface
public interface Authenticator {
    /**
     * @return empty if the request shows nothing of the kind that this one knows
     * @throws AuthenticationException if it does, and it does not hold
     */
    Optional<Authenticated> authenticate(ApiRequest request) throws AuthenticationException, InterruptedException;

    /** Asks one after the other; the first that knows decides. If none does, what went wrong with any is the failure. */
    static Authenticator union(List<Authenticator> authenticators) {
        List<Authenticator> all = List.copyOf(authenticators);
        return request -> {
            List<String> failures = new ArrayList<>();
            for (Authenticator authenticator : all) {
                try {
                    Optional<Authenticated> found = authenticator.authenticate(request);
                    if (found.isPresent()) {
                        return found;
                    }
                } catch (AuthenticationException e) {
                    failures.add(e.message());
                }
            }
            if (failures.isEmpty()) {
                return Optional.empty();
            }
            throw new AuthenticationException(Failures.text(failures));
        };
    }

    /** This one, and another if the request shows nothing that this one knows; a failure of this one is final. */
    default Authenticator orIfNothingShown(Authenticator other) {
        return request -> {
            Optional<Authenticated> found = authenticate(request);
            return found.isPresent() ? found : other.authenticate(request);
        };
    }
}
