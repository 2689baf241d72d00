package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.stats.StatisticsPages;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers requests of those who may, by their paths. Any thread. */
final class Routes {
    private final KubernetesSerialization json = new KubernetesSerialization();
    private final AgentPods pods;
    private final HealthAnswer health;
    private final Supplier<String> configuration;
    private final PrometheusRegistry metrics;
    private final LogRoute logs;
    private final RunRoute run;
    private final StreamRoute streams;
    private final RunningPods running;
    private final @Nullable StatisticsPages statistics;

    /**
     * @param checks what has to be so for the agent to be healthy, by name
     * @param configuration JSON of the kubelet's configuration
     * @param statistics what is used; null if nobody looks
     */
    Routes(
            AgentPods pods,
            RuntimeConnection runtime,
            InstantSource time,
            Map<String, BooleanSupplier> checks,
            Supplier<String> configuration,
            PrometheusRegistry metrics,
            @Nullable StatisticsPages statistics) {
        this.pods = pods;
        health = new HealthAnswer(checks);
        this.configuration = configuration;
        this.metrics = metrics;
        logs = new LogRoute(pods, time);
        run = new RunRoute(pods, runtime);
        streams = new StreamRoute(pods, runtime);
        running = new RunningPods(runtime);
        this.statistics = statistics;
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
            case "runningpods" -> parts != 0 ? notFound() : get ? running.answer() : notAllowed();
            case "healthz" -> parts > 1 ? notFound() : get ? health(request) : notAllowed();
            case "stats" -> get ? stats(request) : notAllowed();
            case "configz" ->
                parts != 0
                        ? notFound()
                        : get
                                ? Answer.json(("{\"kubeletconfig\":" + configuration.get() + "}")
                                        .getBytes(StandardCharsets.UTF_8))
                                : notAllowed();
            case "metrics" -> parts > 1 ? notFound() : get ? metrics(request) : notAllowed();
            default -> notFound();
        };
    }

    static Answer notFound() {
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
        return health.answer(
                request.path().subList(1, request.path().size()),
                request.query().containsKey("verbose"));
    }

    private Answer stats(NodeRequest request) throws IOException {
        if (statistics == null || !request.path().equals(List.of("stats", "summary"))) {
            return notFound();
        }
        try {
            String summary = statistics.summary(Boolean.parseBoolean(request.value("only_cpu_and_memory")));
            return Answer.json(summary.getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private Answer metrics(NodeRequest request) throws IOException {
        String which = request.path().size() == 1 ? "" : request.path().get(1);
        try {
            return switch (which) {
                case "" -> {
                    List<MetricSnapshot> all = new ArrayList<>();
                    metrics.scrape(name -> !isOfProbes(name)).forEach(all::add);
                    if (statistics != null) {
                        statistics.volumes().forEach(all::add);
                    }
                    yield text(new MetricSnapshots(all));
                }
                case "probes" -> text(metrics.scrape(Routes::isOfProbes));
                case "resource" -> statistics == null ? notFound() : text(statistics.resource());
                case "cadvisor" -> statistics == null ? notFound() : text(statistics.cadvisor());
                default -> notFound();
            };
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static boolean isOfProbes(String name) {
        return name.startsWith("prober_");
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException ended = new InterruptedIOException("the client has left, or the server ends");
        ended.initCause(e);
        return ended;
    }

    private static Answer text(MetricSnapshots snapshots) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, snapshots);
        return new Answer.Plain(200, PrometheusTextFormatWriter.CONTENT_TYPE, text.toByteArray());
    }
}
