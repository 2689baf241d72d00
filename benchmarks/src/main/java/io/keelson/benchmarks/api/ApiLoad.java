package io.keelson.benchmarks.api;

import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.load.ClosedLoop;
import io.keelson.benchmarks.load.Result;
import io.keelson.benchmarks.load.Usage;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** All workloads on one API server, in a namespace that is made for it and deleted. */
final class ApiLoad {
    /** The workloads, in their order. */
    enum Kind {
        CREATE("create pods", "pods"),
        GET("get pods", "gets"),
        LIST_ALL("list all pods, one client", "lists"),
        LIST_PAGE("list 500 pods", "lists"),
        LIST_WALK("all pods in pages of 500, one client", "pods"),
        LIST_LABEL("list by label", "lists"),
        PATCH("patch pods under watch", "patches"),
        DELETE("delete pods", "pods");

        private final String title;
        private final String unit;

        Kind(String title, String unit) {
            this.title = title;
            this.unit = unit;
        }

        String title() {
            return title;
        }

        String unit() {
            return unit;
        }
    }

    /**
     * @param pods how many there are
     * @param workers how many requests are under way at a time
     * @param watchers how many watch while pods are patched
     * @param seconds how long everything is done that can be done for long
     */
    record Sizes(int pods, int workers, int watchers, int seconds) {}

    /**
     * What came of it.
     *
     * @param eventsExpected patches times watchers
     * @param eventsSeen how many events they were sent
     * @param watchesEnded watches that the server has ended
     */
    record Outcome(Map<Kind, Result> results, long eventsExpected, long eventsSeen, long watchesEnded) {
        /** Of one workload. */
        Result result(Kind kind) {
            return Objects.requireNonNull(results.get(kind));
        }
    }

    private static final int PAGE = 500;
    private static final long DRAIN_SECONDS = 120;

    /** From so many pods on a list of them all is long enough that a few show what it takes. */
    private static final int MANY_PODS = 20_000;

    private static final long WHOLE_LISTS_OF_MANY = 5;

    /**
     * Patches are not held back by those who watch. A thousand watches have to be sent a thousand events for each; what is
     * asked is whether all arrive, not how far a server can be driven into arrears.
     */
    private static final long EVENTS_MAX = 1_000_000;

    private final ApiTarget target;
    private final ApiConnection api;
    private final Sizes sizes;
    private final Pods pods;
    private final Map<Kind, Result> results = new LinkedHashMap<>();
    private long eventsExpected;
    private long eventsSeen;
    private long watchesEnded;

    private ApiLoad(ApiTarget target, ApiConnection api, Sizes sizes, String namespace) {
        this.target = target;
        this.api = api;
        this.sizes = sizes;
        this.pods = new Pods(api, namespace);
    }

    /** Does everything once; what the JIT makes of the server meanwhile counts. */
    static Outcome run(ApiTarget target, ApiConnection api, Sizes sizes, String namespace)
            throws IOException, InterruptedException {
        ApiLoad load = new ApiLoad(target, api, sizes, namespace);
        var _ = api.call(load.pods.createNamespace(), 0);
        try {
            // 409: a controller was quicker.
            var _ = api.call(load.pods.createAccount(), 409);
            load.all();
        } finally {
            var _ = api.call(load.pods.deleteNamespace(), 404);
        }
        return new Outcome(load.results, load.eventsExpected, load.eventsSeen, load.watchesEnded);
    }

    private void all() throws IOException, InterruptedException {
        eachPod(Kind.CREATE, pods::create);
        forLong(Kind.GET, sizes.workers(), number -> pods.get(scattered(number)));
        HttpRequest everything = pods.list(0);
        measure(
                Kind.LIST_ALL,
                (_, done) -> api.send(everything, done),
                1,
                TimeUnit.SECONDS.toNanos(sizes.seconds()),
                sizes.pods() < MANY_PODS ? Long.MAX_VALUE : WHOLE_LISTS_OF_MANY);
        HttpRequest page = pods.list(PAGE);
        forLong(Kind.LIST_PAGE, sizes.workers(), _ -> page);
        measure(
                Kind.LIST_WALK,
                (_, done) -> PageWalk.start(api, pods, PAGE, sizes.pods(), done),
                1,
                TimeUnit.SECONDS.toNanos(sizes.seconds()),
                Long.MAX_VALUE);
        forLong(Kind.LIST_LABEL, sizes.workers(), pods::listGroup);
        patchUnderWatch();
        eachPod(Kind.DELETE, pods::delete);
    }

    /** Numbers one after the other become pods all over the namespace. */
    private long scattered(long number) {
        return number * 7_919 % sizes.pods();
    }

    private void patchUnderWatch() throws IOException, InterruptedException {
        String version = Json.parseObject(api.call(pods.list(1), 0))
                .path("metadata")
                .path("resourceVersion")
                .asText();
        try (Watchers watchers = Watchers.open(api, pods.watchPath(version), sizes.watchers())) {
            ClosedLoop.Outcome outcome = measure(
                    Kind.PATCH,
                    eachOf(number -> pods.patch(scattered(number), number)),
                    sizes.workers(),
                    TimeUnit.SECONDS.toNanos(sizes.seconds()),
                    Math.max(1, EVENTS_MAX / sizes.watchers()));
            eventsExpected = outcome.units() * sizes.watchers();
            eventsSeen = watchers.await(eventsExpected, DRAIN_SECONDS);
            watchesEnded = watchers.ended();
        }
    }

    private void eachPod(Kind kind, LongFunction<HttpRequest> request) throws InterruptedException {
        var _ = measure(kind, eachOf(request), sizes.workers(), TimeUnit.MINUTES.toNanos(30), sizes.pods());
    }

    private void forLong(Kind kind, int workers, LongFunction<HttpRequest> request) throws InterruptedException {
        var _ = measure(kind, eachOf(request), workers, TimeUnit.SECONDS.toNanos(sizes.seconds()), Long.MAX_VALUE);
    }

    private ClosedLoop.Outcome measure(
            Kind kind, ClosedLoop.Operation operation, int workers, long nanos, long operationsMax)
            throws InterruptedException {
        Usage before = Usage.of(target.pids());
        ClosedLoop.Outcome outcome = ClosedLoop.run(operation, workers, nanos, operationsMax);
        results.put(kind, before.result(outcome));
        return outcome;
    }

    /** Sends the requests of the numbers from 0 on. */
    private ClosedLoop.Operation eachOf(LongFunction<HttpRequest> request) {
        AtomicLong next = new AtomicLong();
        return (_, done) -> api.send(request.apply(next.getAndIncrement()), done);
    }
}
