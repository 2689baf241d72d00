package io.keelson.benchmarks.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.patch.JsonPatch;
import io.keelson.apiserver.patch.MergePatch;
import io.keelson.apiserver.patch.PatchType;
import io.keelson.apiserver.patch.StrategicMergePatch;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.schema.Schema;
import java.nio.charset.StandardCharsets;
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

/**
 * Changes one thing of a pod that runs. The patch is read and applied; the methods for requests do everything but the write:
 * the stored pod is read, patched, brought into form, its managers are told, it is admitted, judged and encoded.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class PatchBenchmark {
    private static final String TARGET = BenchmarkApi.podsPath() + "/pod-0?dryRun=All";

    /** What is changed. */
    public enum Change {
        /** One label, which is new. */
        LABEL("""
                [{"op":"add","path":"/metadata/labels/change","value":"new"}]""", """
                {"metadata":{"labels":{"change":"new"}}}""", """
                {"metadata":{"labels":{"change":"new"}}}"""),
        /** The image of the one container, which a merge patch has to repeat as a whole. */
        IMAGE("""
                [{"op":"replace","path":"/spec/containers/0/image","value":"registry.example/bench:1.1"}]""", """
                {"spec":{"containers":[%s]}}""", """
                {"spec":{"containers":[{"name":"main","image":"registry.example/bench:1.1"}]}}""");

        private final String json;
        private final String merge;
        private final String strategic;

        Change(String json, String merge, String strategic) {
            this.json = json;
            this.merge = merge;
            this.strategic = strategic;
        }
    }

    @Param({"LABEL", "IMAGE"})
    public Change change = Change.LABEL;

    private final BenchmarkApi api = new BenchmarkApi();
    private final Schema schema = api.pods().versions().getFirst().schema();
    private ObjectNode pod = Json.object();
    private String mergeText = "";
    private byte[] json = {};
    private byte[] merge = {};
    private byte[] strategic = {};

    @Setup(Level.Trial)
    public void prepare() {
        api.fill(1);
        pod = api.read(api.pods(), "pod-0");
        ObjectNode container = ((ObjectNode) pod.at("/spec/containers/0")).deepCopy();
        container.put("image", "registry.example/bench:1.1");
        mergeText = change.merge.formatted(container);
        json = change.json.getBytes(StandardCharsets.UTF_8);
        merge = mergeText.getBytes(StandardCharsets.UTF_8);
        strategic = change.strategic.getBytes(StandardCharsets.UTF_8);
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    @Benchmark
    public ObjectNode json() {
        return JsonPatch.parse(json).apply(pod);
    }

    @Benchmark
    public ObjectNode merge() {
        return MergePatch.parse(merge).apply(pod);
    }

    @Benchmark
    public ObjectNode strategic() {
        return StrategicMergePatch.parse(strategic).apply(pod, schema);
    }

    @Benchmark
    public ApiResponse jsonRequest() {
        return BenchmarkApi.require(200, api.patch(TARGET, PatchType.JSON.contentType(), change.json));
    }

    @Benchmark
    public ApiResponse mergeRequest() {
        return BenchmarkApi.require(200, api.patch(TARGET, PatchType.MERGE.contentType(), mergeText));
    }

    @Benchmark
    public ApiResponse strategicRequest() {
        return BenchmarkApi.require(200, api.patch(TARGET, PatchType.STRATEGIC_MERGE.contentType(), change.strategic));
    }
}
