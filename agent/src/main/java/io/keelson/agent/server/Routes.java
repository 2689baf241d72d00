package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.AgentPods;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Answers requests of those who may, by their paths. Any thread. */
final class Routes {
    private final KubernetesSerialization json = new KubernetesSerialization();
    private final AgentPods pods;
    private final Map<String, BooleanSupplier> checks;
    private final Supplier<String> configuration;
    private final PrometheusRegistry metrics;
    private final LogRoute logs;
    private final RunRoute run;
    private final StreamRoute streams;

    /**
     * @param checks what has to be so for the agent to be healthy, by name
     * @param configuration JSON of the kubelet's configuration
     */
    Routes(
            AgentPods pods,
            RuntimeConnection runtime,
            InstantSource time,
            Map<String, BooleanSupplier> checks,
            Supplier<String> configuration,
            PrometheusRegistry metrics) {
        this.pods = pods;
        this.checks = new LinkedHashMap<>(checks);
        this.configuration = configuration;
        this.metrics = metrics;
        logs = new LogRoute(pods, time);
        run = new RunRoute(pods, runtime);
        streams = new StreamRoute(pods, runtime);
    }

    /** @throws IOException if what is asked for cannot be read */
    Answer answer(NodeRequest request) throws IOException {
        List<String> path = request.path();
        boolean get = request.method().equals("GET");
        boolean post = request.method().equals("POST");
        // Where a uid may be given, it comes between the pod's name and the container's.
        int parts = path.size() - 1;
        return switch (request.first()) {
            case "containerLogs" -> parts != 3 ? notFound() : get ? logs.answer(request) : notAllowed();
            case "exec", "attach" ->
                parts != 3 && parts != 4 ? notFound() : get || post ? streams.answer(request) : notAllowed();
            case "portForward" ->
                parts != 2 && parts != 3 ? notFound() : get || post ? streams.answer(request) : notAllowed();
            case "run" -> parts != 3 && parts != 4 ? notFound() : post ? run.answer(request) : notAllowed();
            case "pods" -> parts != 0 ? notFound() : get ? pods() : notAllowed();
            case "healthz" -> parts > 1 ? notFound() : get ? health(request) : notAllowed();
            case "configz" ->
                parts != 0
                        ? notFound()
                        : get
                                ? Answer.json(("{\"kubeletconfig\":" + configuration.get() + "}")
                                        .getBytes(StandardCharsets.UTF_8))
                                : notAllowed();
            case "metrics" -> parts != 0 ? notFound() : get ? metrics() : notAllowed();
            default -> notFound();
        };
    }

    private static Answer notFound() {
        return Answer.text(404, "404 page not found\n");
    }

    private static Answer notAllowed() {
        return Answer.text(405, "405: Method Not Allowed");
    }

    private Answer pods() {
        String list = json.asJson(new PodListBuilder()
                .withNewMetadata()
                .endMetadata()
                .withItems(pods.pods())
                .build());
        return Answer.json(list.getBytes(StandardCharsets.UTF_8));
    }

    private Answer health(NodeRequest request) {
        if (request.path().size() == 2) {
            BooleanSupplier check = checks.get(request.path().get(1));
            return check == null
                    ? notFound()
                    : check.getAsBoolean()
                            ? Answer.text(200, "ok")
                            : Answer.text(
                                    500,
                                    "internal server error: " + request.path().get(1) + " failed\n");
        }
        StringBuilder lines = new StringBuilder();
        boolean well = true;
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            boolean passed = check.getValue().getAsBoolean();
            well &= passed;
            lines.append(passed ? "[+]" : "[-]")
                    .append(check.getKey())
                    .append(passed ? " ok\n" : " failed: reason withheld\n");
        }
        if (!well) {
            return Answer.text(500, lines + "healthz check failed\n");
        }
        return Answer.text(200, request.query().containsKey("verbose") ? lines + "healthz check passed\n" : "ok");
    }

    private Answer metrics() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, metrics.scrape());
        return new Answer.Plain(200, PrometheusTextFormatWriter.CONTENT_TYPE, text.toByteArray());
    }
}
