package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keelson.apiserver.resource.Column;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How pods are shown. */
public final class PodColumns {
    /** Of pods. */
    public static final List<Column> PODS = Columns.named()
            .text(
                    "Ready",
                    "How many of the containers are ready for traffic.",
                    o -> Summary.of(o).readiness())
            .text(
                    "Status",
                    "What the containers do, taken together.",
                    o -> Summary.of(o).status())
            .aged(
                    "Restarts",
                    "How often containers were started again, and when the last time was.",
                    (o, now) -> Summary.of(o).restarts(now))
            .age()
            .wide("IP", "The address of the pod.", PodColumns::address)
            .wide("Node", "Where it runs.", o -> Texts.orNone(o.path("spec").path("nodeName")))
            .wide(
                    "Nominated Node",
                    "Where it may run once others have left.",
                    o -> Texts.orNone(o.path("status").path("nominatedNodeName")))
            .wide("Readiness Gates", "How many of the additional conditions for readiness hold.", PodColumns::gates)
            .list();

    /** Of pod templates. */
    public static final List<Column> TEMPLATES = Columns.named()
            .text(
                    "Containers",
                    "Names of the containers in the template.",
                    o -> Texts.each(o.path("template").path("spec").path("containers"), "name"))
            .text(
                    "Images",
                    "Images of the containers in the template.",
                    o -> Texts.each(o.path("template").path("spec").path("containers"), "image"))
            .text(
                    "Pod Labels",
                    "Labels that pods of this template get.",
                    o -> Texts.labels(o.path("template").path("metadata").path("labels")))
            .list();

    private PodColumns() {}

    /** What is said of an object's row in a table: of a pod that has ended, just that; nothing of all others. */
    public static ArrayNode rowConditions(JsonNode object) {
        ArrayNode conditions = JsonNodeFactory.instance.arrayNode();
        boolean pod = object.path("kind").asText().equals("Pod")
                && object.path("apiVersion").asText().equals("v1");
        String phase = object.path("status").path("phase").asText();
        if (pod && (phase.equals("Succeeded") || phase.equals("Failed"))) {
            conditions
                    .addObject()
                    .put("type", "Completed")
                    .put("status", "True")
                    .put("reason", phase)
                    .put(
                            "message",
                            phase.equals("Succeeded") ? "The pod has completed successfully." : "The pod failed.");
        }
        return conditions;
    }

    private static String address(JsonNode pod) {
        return Texts.orNone(pod.path("status").path("podIPs").path(0).path("ip"));
    }

    private static String gates(JsonNode pod) {
        JsonNode gates = pod.path("spec").path("readinessGates");
        if (gates.isEmpty()) {
            return Columns.NONE;
        }
        long met = gates.valueStream()
                .filter(gate -> Texts.condition(
                                pod.path("status").path("conditions"),
                                gate.path("conditionType").asText())
                        .equals("True"))
                .count();
        return met + "/" + gates.size();
    }

    /**
     * What a pod's containers amount to.
     *
     * @param ready how many containers are ready
     * @param total how many there are, not counting those that end before the others begin
     * @param status one word; the most telling of what the containers report
     * @param restarts how often they were started again
     * @param lastRestart when one last ended; null if none did
     */
    private record Summary(
            int ready,
            int total,
            String status,
            long restarts,
            @Nullable Instant lastRestart) {
        static Summary of(JsonNode pod) {
            return new Reader(pod).read();
        }

        String readiness() {
            return ready + "/" + total;
        }

        String restarts(Instant now) {
            Instant last = lastRestart;
            return restarts == 0 || last == null
                    ? Long.toString(restarts)
                    : restarts + " (" + Ages.human(Duration.between(last, now)) + " ago)";
        }
    }

    /** Reads a summary off a pod: first what its init containers do, and if they are through, what the others do. */
    private static final class Reader {
        private final JsonNode pod;
        private final JsonNode status;
        private final Set<String> sidecars = new HashSet<>();
        private String word;
        private int ready;
        private long restarts;
        private @Nullable Instant lastRestart;
        private long sidecarRestarts;
        private @Nullable Instant lastSidecarRestart;

        Reader(JsonNode pod) {
            this.pod = pod;
            this.status = pod.path("status");
            this.word = Texts.or(status.path("reason"), status.path("phase").asText(""));
        }

        Summary read() {
            JsonNode spec = pod.path("spec");
            for (JsonNode container : spec.path("initContainers")) {
                if (container.path("restartPolicy").asText().equals("Always")) {
                    sidecars.add(container.path("name").asText());
                }
            }
            for (JsonNode condition : status.path("conditions")) {
                if (condition.path("type").asText().equals("PodScheduled")
                        && condition.path("reason").asText().equals("SchedulingGated")) {
                    word = "SchedulingGated";
                }
            }
            boolean initializing = initContainers();
            if (!initializing
                    || Texts.condition(status.path("conditions"), "Initialized").equals("True")) {
                containers();
            }
            if (Texts.deleted(pod)) {
                String phase = status.path("phase").asText();
                if (status.path("reason").asText().equals("NodeLost")) {
                    word = "Unknown";
                } else if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
                    word = "Terminating";
                }
            }
            return new Summary(ready, spec.path("containers").size() + sidecars.size(), word, restarts, lastRestart);
        }

        /** Whether one of them is still at work, or failed. */
        private boolean initContainers() {
            int position = 0;
            for (JsonNode container : status.path("initContainerStatuses")) {
                restarts += container.path("restartCount").asLong();
                lastRestart = later(lastRestart, container);
                boolean sidecar = sidecars.contains(container.path("name").asText());
                if (sidecar) {
                    sidecarRestarts += container.path("restartCount").asLong();
                    lastSidecarRestart = later(lastSidecarRestart, container);
                }
                JsonNode state = container.path("state");
                JsonNode ended = state.path("terminated");
                if (ended.isObject() && ended.path("exitCode").asLong() == 0) {
                    position++;
                    continue;
                }
                if (sidecar && container.path("started").asBoolean()) {
                    if (container.path("ready").asBoolean()) {
                        ready++;
                    }
                    position++;
                    continue;
                }
                String waiting = state.path("waiting").path("reason").asText("");
                if (ended.isObject()) {
                    word = "Init:" + ending(ended);
                } else if (!waiting.isEmpty() && !waiting.equals("PodInitializing")) {
                    word = "Init:" + waiting;
                } else {
                    word = "Init:" + position + "/"
                            + pod.path("spec").path("initContainers").size();
                }
                return true;
            }
            return false;
        }

        private void containers() {
            restarts = sidecarRestarts;
            lastRestart = lastSidecarRestart;
            boolean running = false;
            JsonNode all = status.path("containerStatuses");
            for (int i = all.size() - 1; i >= 0; i--) {
                JsonNode container = all.get(i);
                restarts += container.path("restartCount").asLong();
                lastRestart = later(lastRestart, container);
                JsonNode state = container.path("state");
                String waiting = state.path("waiting").path("reason").asText("");
                if (!waiting.isEmpty()) {
                    word = waiting;
                } else if (state.path("terminated").isObject()) {
                    word = ending(state.path("terminated"));
                } else if (container.path("ready").asBoolean()
                        && state.path("running").isObject()) {
                    running = true;
                    ready++;
                }
            }
            if (word.equals("Completed") && running) {
                word = Texts.condition(status.path("conditions"), "Ready").equals("True") ? "Running" : "NotReady";
            }
        }

        private static String ending(JsonNode ended) {
            String reason = ended.path("reason").asText("");
            if (!reason.isEmpty()) {
                return reason;
            }
            long signal = ended.path("signal").asLong();
            return signal != 0
                    ? "Signal:" + signal
                    : "ExitCode:" + ended.path("exitCode").asLong();
        }

        private static @Nullable Instant later(@Nullable Instant known, JsonNode container) {
            Instant ended =
                    Ages.instant(container.path("lastState").path("terminated").path("finishedAt"));
            return ended == null || (known != null && !known.isBefore(ended)) ? known : ended;
        }
    }
}
