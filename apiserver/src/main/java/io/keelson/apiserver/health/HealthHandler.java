package io.keelson.apiserver.health;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /<root>} and {@code /<root>/<check>}: {@code ok}, or 500 and a line for each check. What exactly is wrong
 * stands in the server's log only.
 */
public final class HealthHandler implements Handler {
    private static final Logger log = LoggerFactory.getLogger(HealthHandler.class);

    private final String root;
    private final List<HealthCheck> checks;
    private final HealthMetrics metrics;

    /** @param root {@code healthz}, {@code livez} or {@code readyz} */
    public HealthHandler(String root, List<HealthCheck> checks, HealthMetrics metrics) {
        this.root = root;
        this.checks = List.copyOf(checks);
        this.metrics = metrics;
    }

    /** Where all checks are asked for. */
    public String path() {
        return "/" + root;
    }

    /** Where the checks are asked for by themselves. */
    public List<String> paths() {
        return checks.stream().map(check -> "/" + root + "/" + check.name()).toList();
    }

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        String path = request.info().path();
        String below = path.length() > root.length() + 1 ? path.substring(root.length() + 2) : "";
        if (!below.isEmpty()) {
            return single(below);
        }
        Set<String> excluded = new TreeSet<>(request.query().all("exclude"));
        StringBuilder lines = new StringBuilder();
        List<String> failed = new ArrayList<>();
        for (HealthCheck check : checks) {
            if (excluded.remove(check.name())) {
                lines.append("[+]").append(check.name()).append(" excluded: ok\n");
                continue;
            }
            String problem = problem(check);
            if (problem == null) {
                lines.append("[+]").append(check.name()).append(" ok\n");
            } else {
                failed.add(check.name());
                lines.append("[-]").append(check.name()).append(" failed: reason withheld\n");
            }
        }
        if (!excluded.isEmpty()) {
            lines.append("warn: some health checks cannot be excluded: no matches for ")
                    .append(String.join(
                            ",", excluded.stream().map(name -> '"' + name + '"').toList()))
                    .append('\n');
        }
        if (!failed.isEmpty()) {
            return text(500, lines.append(root).append(" check failed\n").toString());
        }
        return request.query().first("verbose") == null
                ? text(200, "ok")
                : text(200, lines.append(root).append(" check passed\n").toString());
    }

    private ApiResponse single(String name) throws InterruptedException {
        for (HealthCheck check : checks) {
            if (check.name().equals(name)) {
                return problem(check) == null ? text(200, "ok") : text(500, "internal server error: reason withheld\n");
            }
        }
        throw ApiException.noSuchResource();
    }

    private @Nullable String problem(HealthCheck check) throws InterruptedException {
        String problem;
        try {
            problem = check.check().problem();
        } catch (RuntimeException e) {
            problem = e.toString();
        }
        metrics.checked(root, check.name(), problem == null);
        if (problem != null) {
            log.warn("{} check {} failed: {}", root, check.name(), problem);
        }
        return problem;
    }

    private static ApiResponse text(int status, String text) {
        return new ApiResponse.Whole(
                status,
                Map.of("Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"),
                List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }
}
