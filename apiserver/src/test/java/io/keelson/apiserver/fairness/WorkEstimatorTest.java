package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import io.keelson.apiserver.resource.GroupResource;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WorkEstimatorTest {
    private int objects = 450;
    private int watches;

    private Work of(String method, String target, int nominalSeats) {
        RequestTarget parsed = RequestTarget.parse(target);
        ApiRequest request = new ApiRequest(
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
        ObjectCounts counts = new ObjectCounts() {
            @Override
            public int objects(GroupResource resource) {
                return resource.equals(new GroupResource("", "pods")) ? objects : -1;
            }

            @Override
            public int watches(GroupResource resource, String namespace, String name) {
                return watches;
            }
        };
        return new WorkEstimator(counts).of(request, Levels.level(Levels.configuration(null), nominalSeats));
    }

    private int seats(String target) {
        return of("GET", target, 600).seats();
    }

    @Test
    void aListTakesASeatForEveryHundredObjectsItGoesThrough() {
        assertEquals(5, seats("/api/v1/pods"));
        assertEquals(5, seats("/api/v1/namespaces/x/pods?limit=0"));
        assertEquals(2, seats("/api/v1/pods?limit=200"));
        assertEquals(5, seats("/api/v1/pods?limit=1&labelSelector=a%3Db"));
        assertEquals(5, seats("/api/v1/pods?limit=nonsense"));
        assertEquals(5, seats("/api/v1/pods?watch=true&sendInitialEvents=true"));
        assertEquals(1, seats("/api/v1/pods?watch=true"));
        assertEquals(1, seats("/api/v1/namespaces/x/pods/one"));
        assertEquals(1, seats("/api/v1/secrets"));
        assertEquals(1, seats("/healthz"));
        objects = 1_000_000;
        assertEquals(10, seats("/api/v1/pods"));
        // No more than a part of the level.
        assertEquals(3, of("GET", "/api/v1/pods", 20).seats());
        assertEquals(1, of("GET", "/api/v1/pods", 0).seats());
        objects = 0;
        assertEquals(1, seats("/api/v1/pods"));
    }

    @Test
    void aWriteTakesASeatForEveryTenWatchesAfterItIsAnswered() {
        watches = 9;
        assertEquals(Work.ONE, of("POST", "/api/v1/namespaces/x/pods", 600));
        watches = 41;
        assertEquals(new Work(1, 5, 5_000_000), of("DELETE", "/api/v1/namespaces/x/pods/one", 600));
        watches = 1000;
        assertEquals(new Work(1, 10, 50_000_000), of("PATCH", "/api/v1/namespaces/x/pods/one", 600));
        assertEquals(Work.ONE, of("GET", "/api/v1/namespaces/x/pods/one", 600));
    }
}
