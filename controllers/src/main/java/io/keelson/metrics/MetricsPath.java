package io.keelson.metrics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a path means. */
sealed interface MetricsPath {
    String GROUP = "metrics.k8s.io";
    String VERSION = "v1beta1";

    /** Which groups there are. */
    record Groups() implements MetricsPath {}

    /** Which versions the group has. */
    record Group() implements MetricsPath {}

    /** Which resources the version has. */
    record Resources() implements MetricsPath {}

    /**
     * Metrics of nodes or pods.
     *
     * @param resource {@code nodes} or {@code pods}
     * @param namespace empty for those of all, and for nodes
     * @param name empty for all
     */
    record Objects(String resource, String namespace, String name) implements MetricsPath {
        boolean isNodes() {
            return resource.equals("nodes");
        }

        /** The verb of the API that a GET of it is. */
        String verb() {
            return name.isEmpty() ? "list" : "get";
        }
    }

    /** Reads a path; null if it means nothing here. */
    static @Nullable MetricsPath parse(String path) {
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        List<String> parts = List.of(plain.split("/", -1));
        if (parts.size() < 2 || !parts.get(0).isEmpty() || !parts.get(1).equals("apis")) {
            return null;
        }
        if (parts.size() == 2) {
            return new Groups();
        }
        if (!parts.get(2).equals(GROUP)) {
            return null;
        }
        if (parts.size() == 3) {
            return new Group();
        }
        if (!parts.get(3).equals(VERSION)) {
            return null;
        }
        return parts.size() == 4 ? new Resources() : objects(parts.subList(4, parts.size()));
    }

    private static @Nullable MetricsPath objects(List<String> parts) {
        if (parts.subList(1, parts.size()).contains("")) {
            return null;
        }
        return switch (parts.getFirst()) {
            case "nodes" ->
                switch (parts.size()) {
                    case 1 -> new Objects("nodes", "", "");
                    case 2 -> new Objects("nodes", "", parts.get(1));
                    default -> null;
                };
            case "pods" -> parts.size() == 1 ? new Objects("pods", "", "") : null;
            case "namespaces" -> {
                if (parts.size() < 3 || parts.size() > 4 || !parts.get(2).equals("pods")) {
                    yield null;
                }
                yield new Objects("pods", parts.get(1), parts.size() == 4 ? parts.get(3) : "");
            }
            default -> null;
        };
    }
}
