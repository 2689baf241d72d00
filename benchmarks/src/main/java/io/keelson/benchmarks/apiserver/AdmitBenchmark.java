package io.keelson.benchmarks.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.schema.UnknownFields;
import io.keelson.apiserver.schema.WireForm;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a new pod goes through. Steps that change the object work on a copy of it, whose cost {@link #copy} tells by itself.
 * The plugins are those that are on by default where controllers run; no policy, webhook, quota or limit is there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class AdmitBenchmark {
    private final BenchmarkApi api = new BenchmarkApi();
    private final Resource pods = api.pods();
    private final Schema schema = pods.versions().getFirst().schema();
    private final String text = Pods.text(0);
    private final ObjectNode sent = Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
    private final ObjectNode formed = formed();
    private final GroupVersionKind kind = new GroupVersionKind("", "v1", "Pod");

    private ObjectNode formed() {
        ObjectNode pod = sent.deepCopy();
        ObjectMeta.setNamespace(pod, BenchmarkApi.NAMESPACE);
        defaults(pod);
        return pod;
    }

    private void defaults(ObjectNode pod) {
        WireForm.apply(pod, schema);
        Defaulting.apply(pod, schema);
        pods.strategy().applyDefaults(pod);
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    @Benchmark
    public ObjectNode copy() {
        return formed.deepCopy();
    }

    /** Types and unknown fields. */
    @Benchmark
    public void checkForm(Blackhole hole) {
        hole.consume(TypeCheck.check(sent, schema));
        hole.consume(UnknownFields.find(sent, schema));
    }

    /** A copy gets the form of its schema and the defaults of its kind. */
    @Benchmark
    public ObjectNode fillIn() {
        ObjectNode pod = sent.deepCopy();
        defaults(pod);
        return pod;
    }

    @Benchmark
    public FieldErrors validate() {
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validate(formed, true, Names::dnsSubdomain, true, errors);
        pods.strategy().validate(formed, errors);
        return errors;
    }

    /** Every plugin changes a copy, and judges it. */
    @Benchmark
    public AdmissionRequest admit() {
        AdmissionRequest request = new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                pods,
                "",
                kind,
                BenchmarkApi.NAMESPACE,
                "pod-0",
                formed.deepCopy(),
                null,
                Json.object(),
                UserInfo.LOOPBACK,
                false,
                new ArrayList<>());
        return BenchmarkApi.waiting(() -> {
            api.rest().admit(request);
            return request;
        });
    }

    /** All of it, from the bytes that were sent to those of the answer, but for the write. */
    @Benchmark
    public ApiResponse createRequest() {
        return BenchmarkApi.require(201, api.post("?dryRun=All", text));
    }
}
