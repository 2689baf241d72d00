package io.keelson.benchmarks.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Escalation;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.authz.WriteCheck;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.routing.ServiceRouting;
import io.keelson.apiserver.server.Admission;
import io.keelson.apiserver.server.AdmissionConfiguration;
import io.keelson.apiserver.server.AdmissionSettings;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.benchmarks.api.Pods;
import io.keelson.kvstore.metrics.Metrics;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The API as it is served, with the admission plugins that are on by default, over a store in memory: all that happens to a
 * request between the filters and the transport. Has one namespace, {@value #NAMESPACE}.
 */
final class BenchmarkApi implements AutoCloseable {
    static final String NAMESPACE = "bench";

    /** How many nodes the pods are on, by turns. */
    static final int NODES = 1000;

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final UserInfo USER =
            new UserInfo("bench", "", List.of(UserInfo.MASTERS, UserInfo.AUTHENTICATED), Map.of());

    private final MemoryStore store = new MemoryStore();
    private final ResourceCaches caches = new ResourceCaches(store, CacheOptions.DEFAULT);
    private final WebhookClient webhooks =
            new WebhookClient(new ServiceRouting(new NoObjects(), false), EgressClients.DIRECT);
    private final RestApi rest;
    private final Handler handler;

    BenchmarkApi() {
        ResourceRegistry registry = new ResourceRegistry();
        registry.put(BuiltInKinds.resources());
        InstantSource clock = InstantSource.system();
        rest = new RestApi(
                registry,
                store,
                caches,
                objects -> admission(objects, clock),
                new RestApi.Settings(
                        "/registry",
                        CacheOptions.DEFAULT,
                        Duration.ofHours(1),
                        Duration.ofMinutes(30),
                        MediaType.JSON,
                        new WatchMetrics(new Metrics())),
                clock);
        Authorizer all = Authorizer.ALWAYS_ALLOW;
        RuleIndex rules = new RuleIndex();
        handler = rest.serving(new RestApi.Special(
                new WriteCheck(all, new Escalation(rules, all, rules::rules)),
                Map.of(),
                (_, _) -> {
                    throw ApiException.noSuchResource();
                },
                List.of(),
                Map.of()));
        create("namespaces", "Namespace", NAMESPACE, "");
        create("serviceaccounts", "ServiceAccount", "default", NAMESPACE);
    }

    private AdmissionChain admission(RestApi objects, InstantSource clock) {
        AdmissionSettings settings =
                new AdmissionSettings(List.of(), List.of(), true, 300, 300, AdmissionConfiguration.NONE);
        // No plugin is configured that has anything to be closed.
        return Admission.of(
                objects, objects, Authorizer.ALWAYS_ALLOW, settings, webhooks, new Metrics(), _ -> {}, clock);
    }

    private void create(String resource, String kind, String name, String namespace) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", kind);
        ObjectMeta.setName(object, name);
        if (!namespace.isEmpty()) {
            ObjectMeta.setNamespace(object, namespace);
        }
        var _ = waiting(() -> rest.create(rest.resource("", resource), object));
    }

    RestApi rest() {
        return rest;
    }

    MemoryStore store() {
        return store;
    }

    Resource pods() {
        return rest.resource("", "pods");
    }

    ResourceCache podCache() {
        return waiting(() -> rest.cache(pods()));
    }

    /** Creates pods as clients do, and lets each run on a node, so that it has all that the pods of a cluster have. */
    void fill(int pods) {
        for (int i = 0; i < pods; i++) {
            int number = i;
            require(201, post("", Pods.text(number)));
            var _ = waiting(() -> Objects.requireNonNull(
                    rest.adjust(pods(), NAMESPACE, "pod-" + number, pod -> running(pod, "node-" + number % NODES))));
        }
        // So that nobody has to wait for the cache later.
        var _ = waiting(() -> podCache().snapshotNotOlderThan(store.revision()));
    }

    private static ObjectNode running(ObjectNode pod, String node) {
        ((ObjectNode) pod.path("spec")).put("nodeName", node);
        ObjectNode status = ((ObjectNode) pod.path("status")).put("phase", "Running");
        String now = Instant.ofEpochSecond(1_760_000_000).toString();
        status.put("hostIP", "10.1.2.3").put("podIP", "10.244.1.2").put("startTime", now);
        status.putArray("podIPs").addObject().put("ip", "10.244.1.2");
        var conditions = status.putArray("conditions");
        for (String type :
                List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")) {
            conditions.addObject().put("type", type).put("status", "True").put("lastTransitionTime", now);
        }
        ObjectNode container = status.putArray("containerStatuses").addObject();
        container.put("name", "main").put("image", "registry.example/bench:1.0").put("imageID", "");
        container.put("ready", true).put("restartCount", 0).put("started", true);
        container.put("containerID", "containerd://2f9b1c77f0d84a5f9d0b0b8a7b6f1f2a9b1c77f0d84a5f9d0b0b8a7b6f1f2aaa");
        container.putObject("state").putObject("running").put("startedAt", now);
        container.putObject("lastState");
        return pod;
    }

    /** A pod as it lies in the store. */
    byte[] stored(String pod) {
        return Objects.requireNonNull(store.get(podKey(pod))).bytes();
    }

    static String podKey(String pod) {
        return "/registry/pods/" + NAMESPACE + "/" + pod;
    }

    /** An object as it is in the store, in the version it is worked on in. */
    ObjectNode read(Resource resource, String name) {
        return waiting(() -> Objects.requireNonNull(rest.read(resource, NAMESPACE, name)));
    }

    /** @param query behind the path, with the question mark */
    ApiResponse post(String query, String json) {
        return send("POST", podsPath() + query, Map.of("Content-Type", "application/json"), json);
    }

    static String podsPath() {
        return "/api/v1/namespaces/" + NAMESPACE + "/pods";
    }

    ApiResponse get(String target, String accept) {
        return send("GET", target, Map.of("Accept", accept), "");
    }

    ApiResponse patch(String target, String type, String patch) {
        return send("PATCH", target, Map.of("Content-Type", type), patch);
    }

    private ApiResponse send(String method, String target, Map<String, String> headers, String body) {
        RequestTarget parsed = RequestTarget.parse(target);
        Map<String, List<String>> fields = new HashMap<>();
        fields.put("User-Agent", List.of("bench/1.0"));
        headers.forEach((name, value) -> fields.put(name, List.of(value)));
        ApiRequest request = new ApiRequest(
                method,
                target,
                RequestInfoParser.parse(method, parsed.path(), parsed.query()),
                parsed.query(),
                new Headers(fields),
                body.isEmpty() ? Body.EMPTY : new Sent(body.getBytes(StandardCharsets.UTF_8)),
                CLIENT,
                List.of(),
                "",
                Instant.now(),
                () -> false);
        request.becomes(USER);
        return waiting(() -> handler.handle(request));
    }

    /** Refuses an answer that is not what a benchmark is about. */
    static ApiResponse require(int status, ApiResponse answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("the answer has status " + answer.status() + ", not " + status);
        }
        return answer;
    }

    @FunctionalInterface
    interface Waiting<T> {
        T call() throws InterruptedException;
    }

    /** Does something that may wait; nobody interrupts it. */
    static <T> T waiting(Waiting<T> call) {
        try {
            return call.call();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        rest.endWatches();
        rest.close();
        caches.close();
        webhooks.close();
        store.close();
    }

    /** What a client has sent. */
    private record Sent(byte[] content) implements Body {
        @Override
        public byte[] bytes(int bytesMax) {
            return content;
        }

        @Override
        public InputStream stream() {
            return new ByteArrayInputStream(content);
        }
    }

    /** No webhook is configured, so none has to be found. */
    private static final class NoObjects implements ObjectLookup {
        @Override
        public @Nullable ObjectNode recent(String group, String resource, String namespace, String name) {
            return null;
        }

        @Override
        public @Nullable ObjectNode now(String group, String resource, String namespace, String name) {
            return null;
        }

        @Override
        public List<ObjectNode> all(String group, String resource, String namespace) {
            return List.of();
        }

        @Override
        public List<ObjectNode> allNow(String group, String resource, String namespace) {
            return List.of();
        }
    }
}
