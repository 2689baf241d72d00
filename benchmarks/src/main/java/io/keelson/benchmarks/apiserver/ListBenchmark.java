package io.keelson.benchmarks.apiserver;

import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CachePage;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.request.ApiResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Lists out of the watch cache, as fresh as the store: all pods, a page of 500, those of a label that one in fifty has, those
 * of one node. The methods for requests answer in JSON, of which nothing has to be encoded.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class ListBenchmark {
    private static final String LABEL = "group=g7";
    private static final String FIELD = "spec.nodeName=node-7";

    /** Pods in the cache. */
    @Param("5000")
    public int pods = 5000;

    private final BenchmarkApi api = new BenchmarkApi();
    private final ResourceCache cache = api.podCache();

    @Setup(Level.Trial)
    public void fill() {
        api.fill(pods);
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    private CachePage list(long limit, @Nullable Predicate<CacheEntry> selected) {
        return BenchmarkApi.waiting(() -> cache.consistentSnapshot().list(BenchmarkApi.NAMESPACE, "", limit, selected));
    }

    @Benchmark
    public CachePage all() {
        return list(0, null);
    }

    @Benchmark
    public CachePage page() {
        return list(500, null);
    }

    @Benchmark
    public CachePage byLabel() {
        return list(
                0,
                WatchRequest.selection(BenchmarkApi.NAMESPACE, LabelSelector.parse(LABEL), FieldSelector.everything()));
    }

    @Benchmark
    public CachePage byNode() {
        return list(
                0,
                WatchRequest.selection(BenchmarkApi.NAMESPACE, LabelSelector.everything(), FieldSelector.parse(FIELD)));
    }

    @Benchmark
    public ApiResponse allRequest() {
        return request("");
    }

    @Benchmark
    public ApiResponse byLabelRequest() {
        return request("?labelSelector=group%3Dg7");
    }

    private ApiResponse request(String query) {
        return BenchmarkApi.require(200, api.get(BenchmarkApi.podsPath() + query, "application/json"));
    }
}
