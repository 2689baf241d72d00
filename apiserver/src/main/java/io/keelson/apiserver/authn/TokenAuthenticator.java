package io.keelson.apiserver.authn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out whose token something is, in one way. */
@FunctionalInterface
public interface TokenAuthenticator {
    /**
     * @param audiences whom the token must be meant for, one of them; empty for this server
     * @return empty if it is no token of the kind that this one knows
     * @throws AuthenticationException if it is, and does not hold
     */
    Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException;

    /** Asks one after the other; the first that knows decides. If none does, what went wrong with any is the failure. */
    static TokenAuthenticator union(List<TokenAuthenticator> authenticators) {
        List<TokenAuthenticator> all = List.copyOf(authenticators);
        return (token, audiences) -> {
            List<String> failures = new ArrayList<>();
            Remarks remarks = Remarks.NONE;
            for (TokenAuthenticator authenticator : all) {
                try {
                    Optional<Authenticated> found = authenticator.authenticate(token, audiences);
                    if (found.isPresent()) {
                        return found;
                    }
                } catch (AuthenticationException e) {
                    failures.add(e.message());
                    remarks = remarks.and(e.remarks());
                }
            }
            if (failures.isEmpty()) {
                return Optional.empty();
            }
            throw new AuthenticationException(Failures.text(failures), remarks);
        };
    }

    /**
     * For tokens that say nothing about audiences: they are meant for this server, and known only where this server is
     * among the audiences asked for.
     *
     * @param serverAudiences the names of this server as an audience
     */
    default TokenAuthenticator forAudiences(List<String> serverAudiences) {
        List<String> own = List.copyOf(serverAudiences);
        return (token, audiences) -> {
            List<String> common = audiences.isEmpty()
                    ? own
                    : own.stream().filter(audiences::contains).toList();
            if (common.isEmpty() && !audiences.isEmpty()) {
                return Optional.empty();
            }
            return authenticate(token, audiences)
                    .map(found -> new Authenticated(found.user(), common, found.remarks()));
        };
    }
}
