package io.keelson.apiserver.openapi;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests as a client would make them. */
final class Requests {
    private Requests() {}

    /** @param fields names and values in turn */
    static ApiRequest of(String method, String target, String... fields) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            headers.put(fields[i], List.of(fields[i + 1]));
        }
        RequestTarget parsed = RequestTarget.parse(target);
        return new ApiRequest(
                method,
                RequestInfoParser.parse(method, parsed.path(), parsed.query()),
                parsed.query(),
                new Headers(headers),
                Body.EMPTY,
                InetSocketAddress.createUnresolved("client", 1),
                List.of(),
                "audit",
                Instant.EPOCH,
                () -> false);
    }
}
