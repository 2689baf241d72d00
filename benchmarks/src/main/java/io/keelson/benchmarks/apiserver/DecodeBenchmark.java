package io.keelson.benchmarks.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.benchmarks.api.Pods;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads a pod of about 1 KB as a client sends it, and one as the store has it, with what has been filled in, its managers and
 * its status.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class DecodeBenchmark {
    private final BenchmarkApi api = new BenchmarkApi();
    private final byte[] json = Pods.text(0).getBytes(StandardCharsets.UTF_8);
    private final byte[] yaml = Yaml.encode(Json.parseObject(json));
    private final byte[] protobuf = KubernetesProtobuf.encode(Json.parseObject(json));

    /** Stores {@code pod-0} in JSON, as this server does it, and {@code pod-1} in protobuf, as kube-apiserver does it. */
    @Setup(Level.Trial)
    public void store() {
        api.fill(2);
        ObjectNode pod = Json.parseObject(api.stored("pod-1"));
        var _ = api.store().put(BenchmarkApi.podKey("pod-1"), KubernetesProtobuf.encode(pod));
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    @Benchmark
    public ObjectNode json() {
        return Json.parseObject(json, new ArrayList<>());
    }

    @Benchmark
    public ObjectNode yaml() {
        return Yaml.parseObject(yaml, new ArrayList<>());
    }

    @Benchmark
    public ObjectNode protobuf() {
        return KubernetesProtobuf.decode(protobuf);
    }

    @Benchmark
    public ObjectNode storedAsJson() {
        return api.read(api.pods(), "pod-0");
    }

    @Benchmark
    public ObjectNode storedAsProtobuf() {
        return api.read(api.pods(), "pod-1");
    }
}
