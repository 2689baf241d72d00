package io.keelson.kvstore.gateway;

import io.grpc.Status;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.server.Failures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * {@code /health} as etcd has always had it, and {@code /livez} and {@code /readyz} with single checks, as etcd has them
 * since 3.5.11: {@code ?verbose} lists the checks, {@code ?exclude=} and {@code ?allowlist=} choose among them, {@code
 * /readyz/NAME} is one alone.
 */
public final class HealthPages {
    private static final long READ_TIMEOUT_MS = 7_000;

    private final HealthSource source;
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final Map<Check, Results> results = new ConcurrentHashMap<>();

    /**
     * One check of one page.
     *
     * @param page {@code livez} or {@code readyz}
     */
    private record Check(String page, String name) {}

    /** How a check went, and how often which way. */
    private static final class Results {
        final LongAdder well = new LongAdder();
        final LongAdder ill = new LongAdder();
        volatile boolean lastWell;

        void count(boolean wentWell) {
            (wentWell ? well : ill).increment();
            lastWell = wentWell;
        }
    }

    public HealthPages(HealthSource source) {
        this.source = source;
    }

    public void addTo(Router router) {
        router.at("/health", this::health);
        Map<String, Supplier<CompletableFuture<String>>> live = new LinkedHashMap<>();
        live.put("serializable_read", () -> readCheck(true));
        Map<String, Supplier<CompletableFuture<String>>> ready = new LinkedHashMap<>();
        ready.put(
                "data_corruption",
                () -> CompletableFuture.completedFuture(
                        source.alarms().contains("CORRUPT") ? "alarm activated: CORRUPT" : ""));
        ready.put("serializable_read", () -> readCheck(true));
        ready.put("linearizable_read", () -> readCheck(false));
        ready.put(
                "non_learner",
                () -> CompletableFuture.completedFuture(source.learner() ? "not supported for learner" : ""));
        addChecks(router, "/livez", live);
        addChecks(router, "/readyz", ready);
    }

    /** How often a health page was answered well. */
    public long successes() {
        return successes.sum();
    }

    /** How often a health page was answered ill. */
    public long failures() {
        return failures.sum();
    }

    /** Whether each check went well when it was last made, 1 or 0; of those that have been made. */
    public List<Metrics.Sample> lastResults() {
        List<Metrics.Sample> samples = new ArrayList<>();
        results.forEach((check, result) -> samples.add(new Metrics.Sample("", labels(check), result.lastWell ? 1 : 0)));
        return samples;
    }

    /** How often each check went which way; of those that have been made. */
    public List<Metrics.Sample> checkCounts() {
        List<Metrics.Sample> samples = new ArrayList<>();
        results.forEach((check, result) -> {
            samples.add(counted(check, "success", result.well));
            samples.add(counted(check, "error", result.ill));
        });
        return samples;
    }

    private static Metrics.Sample counted(Check check, String status, LongAdder count) {
        return new Metrics.Sample("", labels(check) + "," + Metrics.label("status", status), count.sum());
    }

    private static String labels(Check check) {
        return Metrics.label("name", check.name()) + "," + Metrics.label("type", check.page());
    }

    private void health(HttpExchange exchange) {
        if (!Router.allowsOnly(exchange, "GET")) {
            return;
        }
        List<String> excluded = exchange.query().getOrDefault("exclude", List.of());
        boolean serializable =
                exchange.query().getOrDefault("serializable", List.of()).contains("true");
        for (String alarm : source.alarms()) {
            if (!excluded.contains(alarm)) {
                answer(exchange, "ALARM " + alarm);
                return;
            }
        }
        if (!serializable && !source.hasLeader()) {
            answer(exchange, "RAFT NO LEADER");
            return;
        }
        var _ = readCheck(serializable)
                .thenAccept(failure -> answer(exchange, failure.isEmpty() ? "" : "RANGE ERROR:" + failure));
    }

    private void answer(HttpExchange exchange, String reason) {
        boolean well = reason.isEmpty();
        (well ? successes : failures).increment();
        String json = "{\"health\":\"" + well + "\",\"reason\":" + JsonGateway.quote(reason) + "}";
        Router.respondJson(exchange, well ? 200 : 503, well ? json : json + "\n");
    }

    /** Completes with what is wrong, or nothing. A refusal for lack of a user shows that the store can be asked. */
    private CompletableFuture<String> readCheck(boolean serializable) {
        return source.read(serializable)
                .orTimeout(READ_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .handle((_, failure) -> {
                    if (failure == null) {
                        return "";
                    }
                    if (Failures.cause(failure) instanceof TimeoutException) {
                        return "context deadline exceeded";
                    }
                    String text = Failures.status(failure).getDescription();
                    if (EtcdError.USER_EMPTY.text().equals(text)
                            || EtcdError.PERMISSION_DENIED.text().equals(text)) {
                        return "";
                    }
                    return text == null ? Status.Code.UNKNOWN.toString() : text;
                });
    }

    private void addChecks(Router router, String path, Map<String, Supplier<CompletableFuture<String>>> checks) {
        router.at(path, exchange -> run(exchange, path.substring(1), chosen(exchange, checks)));
        checks.forEach((name, check) ->
                router.at(path + "/" + name, exchange -> run(exchange, path.substring(1), Map.of(name, check))));
    }

    private static Map<String, Supplier<CompletableFuture<String>>> chosen(
            HttpExchange exchange, Map<String, Supplier<CompletableFuture<String>>> checks) {
        List<String> allowed = exchange.query().getOrDefault("allowlist", List.of());
        List<String> excluded = exchange.query().getOrDefault("exclude", List.of());
        Map<String, Supplier<CompletableFuture<String>>> chosen = new LinkedHashMap<>(checks);
        chosen.keySet().removeIf(name -> excluded.contains(name) || (!allowed.isEmpty() && !allowed.contains(name)));
        return chosen;
    }

    private void run(HttpExchange exchange, String page, Map<String, Supplier<CompletableFuture<String>>> checks) {
        if (!Router.allowsOnly(exchange, "GET")) {
            return;
        }
        boolean verbose = exchange.query().containsKey("verbose");
        List<String> names = new ArrayList<>();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        checks.forEach((name, check) -> {
            names.add(name);
            answers.add(check.get());
        });
        var _ = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .whenComplete((_, _) -> {
                    StringBuilder lines = new StringBuilder();
                    boolean well = true;
                    for (int i = 0; i < names.size(); i++) {
                        String failure = answers.get(i).join();
                        results.computeIfAbsent(new Check(page, names.get(i)), _ -> new Results())
                                .count(failure.isEmpty());
                        if (failure.isEmpty()) {
                            lines.append("[+]").append(names.get(i)).append(" ok\n");
                        } else {
                            well = false;
                            lines.append("[-]")
                                    .append(names.get(i))
                                    .append(" failed: ")
                                    .append(failure)
                                    .append('\n');
                        }
                    }
                    (well ? successes : failures).increment();
                    if (!well) {
                        Router.respondText(exchange, 503, lines + "\n");
                    } else {
                        Router.respondText(exchange, 200, (verbose ? lines.toString() : "") + "ok\n");
                    }
                });
    }
}
