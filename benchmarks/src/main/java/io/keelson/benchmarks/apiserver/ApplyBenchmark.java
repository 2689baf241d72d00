package io.keelson.benchmarks.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.apply.FieldFilter;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.apply.FieldSet;
import io.keelson.apiserver.apply.Versions;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.patch.PatchType;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
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
 * Server-side apply of a Deployment with two containers. The methods for requests do everything but the write, with a
 * configuration in YAML; the others merge and tell the managers, of a configuration that has been read.
 *
 * <p>{@code web} was applied by one manager, and the deployment controller has written its status. {@code shared} has a second
 * one that applies, who scales it and has labels and an annotation of its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class ApplyBenchmark {
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/" + BenchmarkApi.NAMESPACE + "/deployments/";
    private static final String MANAGER = "deployer";
    private static final String SECOND = "scaler";

    private final BenchmarkApi api = new BenchmarkApi();
    private final Resource deployments = api.rest().resource("apps", "deployments");
    private final FieldManager fields = new FieldManager(
            Versions.of(deployments),
            new GroupVersionKind("apps", "v1", "Deployment"),
            "",
            Map.of("apps/v1", FieldFilter.without(FieldSet.of("status"))),
            false,
            InstantSource.system());
    private final ObjectNode same = parsed(config("web", "1.0", "  replicas: 3\n"));
    private final ObjectNode other = parsed(config("web", "1.1", "  replicas: 3\n"));
    private final ObjectNode sharedOther = parsed(config("shared", "1.1", ""));
    private final ObjectNode scaled = parsed(scale(7));
    private ObjectNode web = Json.object();
    private ObjectNode shared = Json.object();

    private static String config(String name, String version, String replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: %1$s
                  namespace: bench
                  labels:
                    app: %1$s
                    tier: front
                  annotations:
                    example.com/contact: people-who-know@example.com
                spec:
                %3$s  selector:
                    matchLabels:
                      app: %1$s
                  strategy:
                    type: RollingUpdate
                    rollingUpdate:
                      maxSurge: 1
                      maxUnavailable: 0
                  template:
                    metadata:
                      labels:
                        app: %1$s
                        tier: front
                    spec:
                      containers:
                      - name: main
                        image: registry.example/web:%2$s
                        ports:
                        - name: http
                          containerPort: 8080
                        - name: metrics
                          containerPort: 9090
                        env:
                        - name: STAGE
                          value: bench
                        - name: NODE
                          valueFrom:
                            fieldRef:
                              fieldPath: spec.nodeName
                        resources:
                          requests: {cpu: 100m, memory: 64Mi}
                          limits: {memory: 128Mi}
                        readinessProbe:
                          httpGet: {path: /ready, port: http}
                          periodSeconds: 5
                        volumeMounts:
                        - name: config
                          mountPath: /etc/web
                      - name: proxy
                        image: registry.example/proxy:2.3
                        args: [--upstream=127.0.0.1:8080]
                        ports:
                        - name: tls
                          containerPort: 8443
                      volumes:
                      - name: config
                        configMap:
                          name: web
                """.formatted(name, version, replicas);
    }

    private static String scale(int replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: shared
                  namespace: bench
                  labels:
                    scaled-by: scaler
                  annotations:
                    example.com/scaled: because of the load
                spec:
                  replicas: %d
                """.formatted(replicas);
    }

    private static ObjectNode parsed(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    /** Applies both, and lets the controller's status be written beside. */
    @Setup(Level.Trial)
    public void apply() {
        BenchmarkApi.require(201, request("web", MANAGER, "", config("web", "1.0", "  replicas: 3\n")));
        BenchmarkApi.require(201, request("shared", MANAGER, "", config("shared", "1.0", "")));
        BenchmarkApi.require(200, request("shared", SECOND, "", scale(5)));
        for (String name : new String[] {"web", "shared"}) {
            BenchmarkApi.require(
                    200,
                    api.patch(
                            DEPLOYMENTS + name + "/status?fieldManager=kube-controller-manager",
                            PatchType.MERGE.contentType(),
                            """
                            {"status":{"observedGeneration":1,"replicas":3,"updatedReplicas":3,"readyReplicas":3,
                            "availableReplicas":3,"conditions":[{"type":"Available","status":"True",
                            "reason":"MinimumReplicasAvailable","message":"Deployment has minimum availability.",
                            "lastUpdateTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}"""));
        }
        web = api.read(deployments, "web");
        shared = api.read(deployments, "shared");
    }

    /** @param query more of it */
    private ApiResponse request(String name, String manager, String query, String yaml) {
        return api.patch(DEPLOYMENTS + name + "?fieldManager=" + manager + query, PatchType.APPLY.contentType(), yaml);
    }

    @TearDown(Level.Trial)
    public void close() {
        api.close();
    }

    /** There is nothing yet. */
    @Benchmark
    public ObjectNode first() {
        return fields.apply(null, same, MANAGER, false);
    }

    /** The same again. */
    @Benchmark
    public ObjectNode again() {
        return fields.apply(web, same, MANAGER, false);
    }

    /** Another image. */
    @Benchmark
    public ObjectNode changed() {
        return fields.apply(web, other, MANAGER, false);
    }

    /** Another image, of an object that two apply. */
    @Benchmark
    public ObjectNode changedBesideSecond() {
        return fields.apply(shared, sharedOther, MANAGER, false);
    }

    /** The second one changes its few fields. */
    @Benchmark
    public ObjectNode changedBySecond() {
        return fields.apply(shared, scaled, SECOND, false);
    }

    @Benchmark
    public ApiResponse againRequest() {
        return BenchmarkApi.require(
                200, request("web", MANAGER, "&dryRun=All", config("web", "1.0", "  replicas: 3\n")));
    }

    @Benchmark
    public ApiResponse changedRequest() {
        return BenchmarkApi.require(
                200, request("web", MANAGER, "&dryRun=All", config("web", "1.1", "  replicas: 3\n")));
    }
}
