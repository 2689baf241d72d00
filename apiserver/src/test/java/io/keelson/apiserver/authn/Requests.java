package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.RequestInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests for tests: a list of pods in the namespace default. */
final class Requests {
    private Requests() {}

    /** @param headers name, value, name, value … */
    static ApiRequest with(List<X509Certificate> certificates, String... headers) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            fields.computeIfAbsent(headers[i], _ -> new ArrayList<>()).add(headers[i + 1]);
        }
        return new ApiRequest(
                "GET",
                new RequestInfo(
                        "/api/v1/namespaces/default/pods",
                        "list",
                        true,
                        "api",
                        "",
                        "v1",
                        "default",
                        "pods",
                        "",
                        "",
                        ""),
                Query.NONE,
                new Headers(fields),
                Body.EMPTY,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                certificates,
                "audit",
                Instant.EPOCH,
                () -> false);
    }

    static ApiRequest of(String... headers) {
        return with(List.of(), headers);
    }
}
