package io.keelson.apiserver.metrics;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.Termination;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are counted together. All values are from bounded sets: what is not served has no group, resource or
 * subresource here, and a method that nobody knows is {@code OTHER}.
 *
 * @param verb as the original counts it: {@code LIST}, {@code WATCH}, {@code APPLY}, {@code CONNECT}, …
 * @param subresource of a request that is for no resource: the beginning of its path, if something is served there
 * @param scope {@code resource}, {@code namespace} or {@code cluster}; empty for what is no resource
 * @param dryRun {@code All} or empty
 */
record RequestLabels(
        String verb, String group, String version, String resource, String subresource, String scope, String dryRun) {
    private static final String COMPONENT = Metrics.label("component", "apiserver");

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE");
    private static final Set<String> PATHS = Set.of(
            "/api",
            "/apis",
            "/openapi",
            "/version",
            "/healthz",
            "/livez",
            "/readyz",
            "/metrics",
            "/flagz",
            "/statusz",
            "/debug",
            "/logs",
            "/ui",
            "/.well-known");
    private static final Set<String> CONNECTED = Set.of("exec", "attach", "portforward", "proxy");

    static RequestLabels of(ApiRequest request, ResourceRegistry.Snapshot served) {
        RequestInfo info = request.info();
        String dryRun = request.query().first("dryRun") == null ? "" : "All";
        if (!info.resourceRequest()) {
            return new RequestLabels(method(request), "", "", "", path(info.path()), "", dryRun);
        }
        Resource resource = served.find(info.groupResource());
        if (resource == null || resource.version(info.version()) == null) {
            return new RequestLabels(method(request), "", "", "", "", "", dryRun);
        }
        String subresource = resource.subresource(info.subresource()) == null ? "" : info.subresource();
        return new RequestLabels(
                verb(request), info.group(), info.version(), info.resource(), subresource, scope(info), dryRun);
    }

    private static String method(ApiRequest request) {
        return METHODS.contains(request.method()) ? request.method() : "OTHER";
    }

    private static String path(String path) {
        int second = path.indexOf('/', 1);
        String begin = second < 0 ? path : path.substring(0, second);
        return PATHS.contains(begin) ? begin : "";
    }

    private static String verb(ApiRequest request) {
        RequestInfo info = request.info();
        if (CONNECTED.contains(info.subresource())) {
            return "CONNECT";
        }
        return switch (info.verb()) {
            case "watch" -> "true".equals(request.query().first("sendInitialEvents")) ? "WATCHLIST" : "WATCH";
            case "create" -> "POST";
            case "update" -> "PUT";
            case "patch" -> isApply(request) ? "APPLY" : "PATCH";
            case "get", "list", "delete", "deletecollection" -> info.verb().toUpperCase(Locale.ROOT);
            case "proxy" -> "CONNECT";
            default -> method(request);
        };
    }

    private static boolean isApply(ApiRequest request) {
        String type = request.headers().first("Content-Type");
        return type != null && type.startsWith("application/apply-patch+");
    }

    private static String scope(RequestInfo info) {
        if (!info.name().isEmpty() || info.verb().equals("create")) {
            return "resource";
        }
        return info.namespace().isEmpty() ? "cluster" : "namespace";
    }

    /** Whether it may last for hours. */
    boolean lasting() {
        return verb.equals("WATCH") || verb.equals("WATCHLIST") || verb.equals("CONNECT") || subresource.equals("log");
    }

    boolean changes() {
        return switch (verb) {
            case "POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION" -> true;
            default -> false;
        };
    }

    /** As text, in the order of their names. */
    String counted(int code) {
        return join(Metrics.label("code", Integer.toString(code)), timed());
    }

    String timed() {
        return join(COMPONENT, Metrics.label("dry_run", dryRun), asked());
    }

    String described() {
        return join(COMPONENT, asked());
    }

    String terminated(Termination by, int code) {
        return join(Metrics.label("code", Integer.toString(code)), Metrics.label("component", by.component()), asked());
    }

    /** Of what is deprecated: nothing that is served here is known to be removed in a certain release. */
    String deprecated() {
        return join(
                Metrics.label("group", group),
                Metrics.label("removed_release", ""),
                Metrics.label("resource", resource),
                Metrics.label("subresource", subresource),
                Metrics.label("version", version));
    }

    private String asked() {
        return join(
                Metrics.label("group", group),
                Metrics.label("resource", resource),
                Metrics.label("scope", scope),
                Metrics.label("subresource", subresource),
                Metrics.label("verb", verb),
                Metrics.label("version", version));
    }

    static String join(@Nullable String... labels) {
        return Stream.of(labels).collect(Collectors.joining(","));
    }
}
