package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.UserInfo;
import java.util.Optional;
import java.util.Set;

/**
 * Takes whoever shows nothing for {@code system:anonymous}.
 *
 * @param paths where; empty for everywhere
 */
public record AnonymousAuthenticator(Set<String> paths) implements Authenticator {
    public static final AnonymousAuthenticator EVERYWHERE = new AnonymousAuthenticator(Set.of());

    public AnonymousAuthenticator {
        paths = Set.copyOf(paths);
    }

    @Override
    public Optional<Authenticated> authenticate(ApiRequest request) {
        return paths.isEmpty() || paths.contains(request.info().path())
                ? Optional.of(Authenticated.of(UserInfo.ANONYMOUS))
                : Optional.empty();
    }
}
