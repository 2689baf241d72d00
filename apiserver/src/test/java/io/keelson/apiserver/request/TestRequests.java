package io.keelson.apiserver.request;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests as a front would make them. */
public final class TestRequests {
    private TestRequests() {}

    /** @param fields names and values in turn */
    public static ApiRequest get(String target, String... fields) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            headers.computeIfAbsent(fields[i], _ -> new ArrayList<>()).add(fields[i + 1]);
        }
        RequestTarget parsed = RequestTarget.parse(target);
        return new ApiRequest(
                "GET",
                RequestInfoParser.parse("GET", parsed.path(), parsed.query()),
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
