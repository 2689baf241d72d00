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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorkEstimatorTest {
    private ObjectCounts.@Nullable Amount pods = new ObjectCounts.Amount(450, 450_000);
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
            public ObjectCounts.@Nullable Amount amount(GroupResource resource) {
                return resource.equals(new GroupResource("", "pods")) ? pods : null;
            }

            @Override
            public int watches(GroupResource resource, String namespace, String name) {
                return watches;
            }
        };
        return new WorkEstimator(counts).of(request, Levels.level(Levels.configuration(null), nominalSeats));
    }

    /** The level has 700 seats, of which a request may take 100. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # out of the cache, a megabyte at a time
            /api/v1/pods                                                       | 69   | 10000 | 7
            /api/v1/pods                                                       | 70   | 10001 | 8
            /api/v1/pods                                                       | 399  | 10000 | 10
            /api/v1/pods?limit=20                                              | 399  | 10000 | 2
            /api/v1/pods?limit=0                                               | 69   | 10000 | 7
            /api/v1/pods?limit=-5                                              | 69   | 10000 | 7
            /api/v1/pods?limit=20&labelSelector=a%3Db                          | 399  | 10000 | 2
            /api/v1/pods?resourceVersion=0                                     | 79   | 10000 | 8
            /api/v1/pods?resourceVersion=0&limit=299                           | 399  | 10000 | 10
            /api/v1/pods?resourceVersion=1                                     | 699  | 10000 | 10
            /api/v1/pods?resourceVersion=1&resourceVersionMatch=NotOlderThan   | 79   | 10000 | 8
            /api/v1/namespaces/x/pods                                          | 69   | 10000 | 7
            # maybe out of the store
            /api/v1/pods?resourceVersion=1&limit=399                           | 699  | 10000 | 40
            /api/v1/pods?continue=token&limit=399                              | 699  | 10000 | 40
            /api/v1/pods?resourceVersion=1&resourceVersionMatch=Exact          | 699  | 10000 | 70
            /api/v1/pods?resourceVersion=1&resourceVersionMatch=Exact          | 5000 | 10000 | 100
            /api/v1/pods?resourceVersionMatch=foo                              | 200  | 10000 | 20
            /api/v1/pods?continue=token&limit=10&labelSelector=a%3Db           | 200  | 10000 | 10
            /api/v1/pods?continue=token&limit=150&fieldSelector=spec.x%3Db     | 200  | 10000 | 15
            # one object
            /api/v1/namespaces/x/pods/one                                      | 5000 | 10000 | 1
            /api/v1/pods?fieldSelector=metadata.name%3Done                     | 5000 | 10000 | 1
            /api/v1/pods?fieldSelector=metadata.name%3Done                     | 2    | 250000 | 3
            # watches that begin with what there is
            /api/v1/pods?watch=true                                            | 69   | 10000 | 7
            /api/v1/pods?watch=true&resourceVersion=0                          | 69   | 10000 | 7
            /api/v1/pods?watch=true&sendInitialEvents=true&resourceVersion=7   | 399  | 10000 | 10
            /api/v1/pods?watch=true&sendInitialEvents=1&resourceVersion=7      | 69   | 10000 | 7
            /api/v1/pods?watch=true&resourceVersion=7                          | 399  | 10000 | 1
            /api/v1/pods?watch=true&sendInitialEvents=false&resourceVersion=7  | 399  | 10000 | 1
            # what cannot be read
            /api/v1/pods?limit=nonsense                                        | 1    | 1     | 100
            /api/v1/pods?timeoutSeconds=nonsense                               | 1    | 1     | 100
            /api/v1/pods?watch=true&resourceVersion=7&timeoutSeconds=nonsense  | 1    | 1     | 100
            # nothing, or what nothing is known of
            /api/v1/pods                                                       | 0    | 0     | 1
            /api/v1/pods?continue=token                                        | 0    | 0     | 1
            /api/v1/secrets                                                    | 5000 | 10000 | 1
            /healthz                                                           | 5000 | 10000 | 1
            """)
    void aListTakesASeatForEveryHundredKilobytesThatItHolds(String target, int objects, long average, int seats) {
        pods = new ObjectCounts.Amount(objects, objects * average);
        assertEquals(seats, of("GET", target, 700).seats());
    }

    @Test
    void aListTakesNoMoreThanAPartOfItsLevel() {
        pods = new ObjectCounts.Amount(5000, 50_000_000);
        String past = "/api/v1/pods?resourceVersion=1&resourceVersionMatch=Exact";
        assertEquals(90, of("GET", past, 600).seats());
        assertEquals(3, of("GET", past, 20).seats());
        assertEquals(1, of("GET", past, 0).seats());
        assertEquals(3, of("GET", "/api/v1/pods", 20).seats());
        assertEquals(3, of("GET", "/api/v1/pods?limit=nonsense", 20).seats());
        pods = null;
        assertEquals(1, of("GET", past, 600).seats());
    }

    @Test
    void aWriteTakesASeatForEveryTenWatchesAfterItIsAnswered() {
        watches = 9;
        assertEquals(Work.ONE, of("POST", "/api/v1/namespaces/x/pods", 600));
        watches = 41;
        assertEquals(new Work(1, 5, 5_000_000), of("DELETE", "/api/v1/namespaces/x/pods/one", 600));
        watches = 1000;
        assertEquals(new Work(1, 10, 50_000_000), of("PATCH", "/api/v1/namespaces/x/pods/one", 600));
        assertEquals(new Work(1, 10, 50_000_000), of("PATCH", "/api/v1/namespaces/x/pods/one", 7_000));
        assertEquals(Work.ONE, of("GET", "/api/v1/namespaces/x/pods/one", 600));
    }
}
