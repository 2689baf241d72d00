package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bearer token out of a request: from {@code Authorization}, or, for browsers' WebSockets, which cannot set it,
 * from a subprotocol {@code base64url.bearer.authorization.k8s.io.TOKEN} beside a real one. A token that nobody knows is a
 * failure: it does not make its bearer anonymous.
 */
public record BearerAuthenticator(TokenAuthenticator tokens) implements Authenticator {
    /** What is longer is no token. */
    public static final int TOKEN_CHARS_MAX = 64 << 10;

    private static final String PROTOCOL_PREFIX = "base64url.bearer.authorization.k8s.io.";

    @Override
    public Optional<Authenticated> authenticate(ApiRequest request)
            throws AuthenticationException, InterruptedException {
        String token = token(request);
        if (token == null) {
            return Optional.empty();
        }
        if (token.length() > TOKEN_CHARS_MAX) {
            throw new AuthenticationException("invalid bearer token");
        }
        Optional<Authenticated> found;
        try {
            found = tokens.authenticate(token, List.of());
        } catch (AuthenticationException e) {
            e.remarks().sayTo(request);
            throw e;
        }
        if (found.isEmpty()) {
            throw new AuthenticationException("invalid bearer token");
        }
        found.get().remarks().sayTo(request);
        return found;
    }

    private static @Nullable String token(ApiRequest request) throws AuthenticationException {
        String header = request.headers().first("Authorization");
        if (header != null) {
            String[] parts = header.strip().split(" ", 3);
            if (parts.length >= 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer") && !parts[1].isEmpty()) {
                return parts[1];
            }
        }
        String upgrade = request.headers().first("Upgrade");
        return upgrade != null && upgrade.equalsIgnoreCase("websocket") ? ofWebSocket(request) : null;
    }

    private static @Nullable String ofWebSocket(ApiRequest request) throws AuthenticationException {
        String token = null;
        boolean other = false;
        for (String header : request.headers().all("Sec-WebSocket-Protocol")) {
            for (String protocol : header.split(",", -1)) {
                String name = protocol.strip();
                if (!name.startsWith(PROTOCOL_PREFIX)) {
                    other |= !name.isEmpty();
                    continue;
                }
                if (token != null) {
                    throw new AuthenticationException("multiple base64.bearer.authorization tokens specified");
                }
                token = decoded(name.substring(PROTOCOL_PREFIX.length()));
            }
        }
        if (token != null && !other) {
            throw new AuthenticationException("missing additional subprotocol");
        }
        return token;
    }

    private static String decoded(String text) throws AuthenticationException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(text)))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new AuthenticationException("invalid base64.bearer.authorization token encoding");
        }
    }
}
