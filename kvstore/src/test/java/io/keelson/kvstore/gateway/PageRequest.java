package io.keelson.kvstore.gateway;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for a page, without headers and without a body, in place of one from the network.
 *
 * @param answers where what it is answered is noted down: the status, a space, the body
 */
public record PageRequest(String method, String path, Map<String, List<String>> query, List<String> answers)
        implements HttpExchange {
    @Override
    public @Nullable String header(String name) {
        return null;
    }

    @Override
    public byte[] body() {
        return new byte[0];
    }

    @Override
    public boolean secure() {
        return true;
    }

    @Override
    public void respond(int status, Map<String, String> headers, byte[] body) {
        answers.add(status + " " + new String(body, StandardCharsets.UTF_8));
    }

    @Override
    public Pieces respondInPieces(int status, Map<String, String> headers) {
        throw new IllegalStateException("pages are answered at once");
    }

    @Override
    public void onClosed(Runnable action) {}
}
