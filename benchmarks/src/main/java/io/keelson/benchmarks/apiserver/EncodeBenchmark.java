package io.keelson.benchmarks.apiserver;

import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.ApiResponse;
import java.util.concurrent.TimeUnit;
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

/** Answers with a pod, and with a list of 500, out of a cache of 5,000. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class EncodeBenchmark {
    private static final int PODS = 5000;

    /** What is asked for. */
    public enum Format {
        JSON("application/json"),
        PROTOBUF(KubernetesProtobuf.MEDIA_TYPE),
        /** Their metadata alone, in protobuf. */
        METADATA(KubernetesProtobuf.MEDIA_TYPE + ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io"),
        TABLE("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
        YAML("application/yaml");

        private final String accept;

        Format(String accept) {
            this.accept = accept;
        }

        /** What a list asks for. */
        String listing() {
            return accept.replace("PartialObjectMetadata", "PartialObjectMetadataList");
        }

        /** What a watch asks for. */
        String watching() {
            return accept.startsWith(KubernetesProtobuf.MEDIA_TYPE) ? accept + ";stream=watch" : accept;
        }
    }

    @Param({"JSON", "PROTOBUF", "METADATA", "TABLE", "YAML"})
    public Format format = Format.JSON;

    private final BenchmarkApi api = new BenchmarkApi();

    @Setup(Level.Trial)
    public void fill() {
        api.fill(PODS);
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    @Benchmark
    public ApiResponse getRequest() {
        return BenchmarkApi.require(200, api.get(BenchmarkApi.podsPath() + "/pod-0", format.accept));
    }

    @Benchmark
    public ApiResponse listRequest() {
        return BenchmarkApi.require(200, api.get(BenchmarkApi.podsPath() + "?limit=500", format.listing()));
    }
}
