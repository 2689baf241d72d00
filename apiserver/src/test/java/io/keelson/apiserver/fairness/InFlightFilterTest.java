package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import io.keelson.apiserver.request.UserInfo;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads and writes are counted, each for themselves. */
final class InFlightFilterTest {
    private static final String PODS = "/api/v1/namespaces/default/pods";

    private static ApiRequest request(String method, String target) {
        RequestTarget parsed = RequestTarget.parse(target);
        return new ApiRequest(
                method,
                RequestInfoParser.parse(method, parsed.path(), parsed.query()),
                parsed.query(),
                new Headers(Map.of()),
                Body.EMPTY,
                InetSocketAddress.createUnresolved("client", 1),
                List.of(),
                "audit",
                Instant.EPOCH,
                () -> false);
    }

    private static ApiResponse fine(ApiRequest request) {
        return ApiResponse.of(200, "text/plain", new byte[0]);
    }

    /** The code that a request gets while another one is being served. */
    private static int during(InFlightFilter filter, ApiRequest first, ApiRequest second) throws InterruptedException {
        int[] code = new int[1];
        Handler serving = request -> {
            code[0] = filter.filter(second, InFlightFilterTest::fine).status();
            return fine(request);
        };
        assertEquals(200, filter.filter(first, serving).status());
        return code[0];
    }

    @Test
    void oneMoreThanAllowedIsRefusedAndToldWhenToComeBack() throws Exception {
        InFlightFilter filter = new InFlightFilter(1, 1);
        assertEquals(429, during(filter, request("GET", PODS), request("GET", PODS + "/a")));
        assertEquals(429, during(filter, request("POST", PODS), request("DELETE", PODS + "/a")));
        assertEquals(200, during(filter, request("POST", PODS), request("GET", PODS)));
        assertEquals(200, during(filter, request("GET", PODS), request("PUT", PODS + "/a")));
        ApiResponse[] refused = new ApiResponse[1];
        var _ = filter.filter(request("GET", PODS), request -> {
            refused[0] = filter.filter(request("GET", PODS), InFlightFilterTest::fine);
            return fine(request);
        });
        assertEquals(
                "1",
                assertInstanceOf(ApiResponse.Whole.class, refused[0]).headers().get("Retry-After"));
    }

    @Test
    void whatLastsIsNotCountedAndAdministratorsAreServed() throws Exception {
        InFlightFilter filter = new InFlightFilter(1, 1);
        assertEquals(200, during(filter, request("GET", PODS), request("GET", PODS + "?watch=true")));
        assertEquals(200, during(filter, request("GET", PODS + "?watch=true"), request("GET", PODS)));
        assertEquals(200, during(filter, request("POST", PODS), request("POST", PODS + "/a/exec")));
        ApiRequest admin = request("GET", PODS);
        admin.becomes(new UserInfo("root", "", List.of(UserInfo.MASTERS), Map.of()));
        assertEquals(200, during(filter, request("GET", PODS), admin));
    }

    @Test
    void noughtIsNoLimit() throws Exception {
        InFlightFilter filter = new InFlightFilter(0, 1);
        assertEquals(200, during(filter, request("GET", PODS), request("GET", PODS)));
        assertEquals(429, during(filter, request("POST", PODS), request("POST", PODS)));
    }
}
