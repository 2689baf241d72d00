package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.zpages.Statusz;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Answers {@code /version}: which Kubernetes this behaves as, and what it is. */
final class VersionDocument implements Handler {
    static final String KUBERNETES = "v1.36.0";

    private static final String EMULATED = "1.36";
    private static final String GO = "none";

    private static final String RELEASE = KUBERNETES + "+keelson";

    private final byte[] document = Json.encodePretty(fields());

    private static ObjectNode fields() {
        String own = VersionDocument.class.getPackage().getImplementationVersion();
        return Json.object()
                .put("major", "1")
                .put("minor", "36")
                .put("emulationMajor", "1")
                .put("emulationMinor", "36")
                .put("minCompatibilityMajor", "1")
                .put("minCompatibilityMinor", "35")
                .put("gitVersion", RELEASE)
                .put("gitCommit", own == null ? "development" : own)
                .put("gitTreeState", "clean")
                .put("buildDate", "1970-01-01T00:00:00Z")
                .put("goVersion", GO)
                .put("compiler", "javac " + Runtime.version().feature())
                .put("platform", "linux/" + System.getProperty("os.arch"));
    }

    /** What {@code --version} says, as a kube-apiserver says it. */
    static String line() {
        return "Kubernetes " + RELEASE;
    }

    /** What {@code --version=raw} says: all of it, in the form in which Go writes a struct. */
    static String struct() {
        return fields().properties().stream()
                .map(field -> Character.toUpperCase(field.getKey().charAt(0))
                        + field.getKey().substring(1) + ":" + field.getValue())
                .collect(Collectors.joining(", ", "version.Info{", "}"));
    }

    /** A gauge that is always 1, and says by its labels what is running. */
    static void addTo(Metrics metrics) {
        String labels = Metrics.label("git_version", RELEASE) + ","
                + Metrics.label("major", "1") + ","
                + Metrics.label("minor", "36") + ","
                + Metrics.label("platform", "linux/" + System.getProperty("os.arch"));
        metrics.family(
                "kubernetes_build_info",
                "Which version is running.",
                "gauge",
                () -> List.of(new Metrics.Sample("", labels, 1)));
    }

    /**
     * What {@code /statusz} says.
     *
     * @param listed every path at which there is something
     */
    static Statusz status(Instant started, Supplier<List<String>> listed, InstantSource clock) {
        return new Statusz(started, GO, KUBERNETES.substring(1), EMULATED, listed, clock);
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        return ApiResponse.of(200, "application/json", document);
    }
}
