package io.keelson.scheduler.extender;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What goes over the wire. The names are those of Go's fields; in answers their case does not matter. */
final class Wire {
    private Wire() {}

    /** A list of nodes as the API has lists. */
    record Nodes(
            @JsonProperty("metadata") Map<String, String> metadata,
            @JsonProperty("items") List<Node> items) {}

    /** Asks for filtering or scores; nodes or their names. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Arguments(
            @JsonProperty("Pod") Pod pod,
            @JsonProperty("Nodes") @Nullable Nodes nodes,
            @JsonProperty("NodeNames") @Nullable List<String> nodeNames) {}

    /** Which nodes can take the pod, and why others cannot. */
    record Filtered(
            @JsonProperty("Nodes") @Nullable JsonNode nodes,
            @JsonProperty("NodeNames") @Nullable List<String> nodeNames,
            @JsonProperty("FailedNodes") @Nullable Map<String, String> failed,

            @JsonProperty("FailedAndUnresolvableNodes") @Nullable
            Map<String, String> unresolvable,

            @JsonProperty("Error") @Nullable String error) {}

    /** What a node is worth, from 0 to 10. */
    record HostScore(
            @JsonProperty("Host") @Nullable String host,
            @JsonProperty("Score") long score) {}

    /** Asks to bind. */
    record Bind(
            @JsonProperty("PodName") String podName,
            @JsonProperty("PodNamespace") String podNamespace,
            @JsonProperty("PodUID") String podUid,
            @JsonProperty("Node") String node) {}

    /** Whether that went well. */
    record Bound(@JsonProperty("Error") @Nullable String error) {}

    /** Pods that would go from a node. */
    record Victims(
            @JsonProperty("Pods") List<Pod> pods,
            @JsonProperty("NumPDBViolations") long violations) {}

    /** The same, by uids. */
    record MetaVictims(
            @JsonProperty("Pods") @Nullable List<MetaPod> pods,
            @JsonProperty("NumPDBViolations") long violations) {}

    /** A pod by its uid. */
    record MetaPod(@JsonProperty("UID") @Nullable String uid) {}

    /** Asks about nodes from which pods would go. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Preemption(
            @JsonProperty("Pod") Pod pod,
            @JsonProperty("NodeNameToVictims") @Nullable Map<String, Victims> victims,
            @JsonProperty("NodeNameToMetaVictims") @Nullable Map<String, MetaVictims> metaVictims) {}

    /** From which nodes which pods may go. */
    record Preempted(
            @JsonProperty("NodeNameToMetaVictims") @Nullable Map<String, MetaVictims> victims) {}
}
