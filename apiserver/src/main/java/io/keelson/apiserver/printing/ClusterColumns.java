package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How the kinds are shown that make up a cluster: nodes, namespaces, configuration, accounts, quotas, events. */
public final class ClusterColumns {
    public static final List<Column> NODES = Columns.named()
            .text("Status", "Whether pods can run on it.", ClusterColumns::nodeStatus)
            .text("Roles", "What it is there for.", ClusterColumns::nodeRoles)
            .age()
            .text("Version", "Of its agent.", o -> nodeInfo(o, "kubeletVersion", ""))
            .wide("Internal-IP", "Its address within the cluster.", o -> nodeAddress(o, "InternalIP"))
            .wide("External-IP", "Its address for the world.", o -> nodeAddress(o, "ExternalIP"))
            .wide("OS-Image", "Its operating system.", o -> nodeInfo(o, "osImage", Ages.UNKNOWN))
            .wide("Kernel-Version", "Its kernel.", o -> nodeInfo(o, "kernelVersion", Ages.UNKNOWN))
            .wide(
                    "Container-Runtime",
                    "What runs containers there.",
                    o -> nodeInfo(o, "containerRuntimeVersion", Ages.UNKNOWN))
            .list();

    public static final List<Column> NAMESPACES = Columns.named()
            .text("Status", "Whether it is there to stay.", o -> phase(o))
            .age()
            .list();

    public static final List<Column> SECRETS = Columns.named()
            .text("Type", "What is in it.", o -> o.path("type").asText(""))
            .numberAsText(
                    "Data", "How many entries it has.", o -> o.path("data").size())
            .age()
            .list();

    public static final List<Column> CONFIG_MAPS = Columns.named()
            .numberAsText(
                    "Data",
                    "How many entries it has.",
                    o -> o.path("data").size() + o.path("binaryData").size())
            .age()
            .list();

    public static final List<Column> SERVICE_ACCOUNTS = Columns.named()
            .numberAsText(
                    "Secrets",
                    "How many secrets its pods may use.",
                    o -> o.path("secrets").size())
            .age()
            .list();

    public static final List<Column> COMPONENT_STATUSES = Columns.named()
            .text("Status", "Whether the component is healthy.", o -> switch (Texts.condition(
                    o.path("conditions"), "Healthy")) {
                case "True" -> "Healthy";
                case "" -> "Unknown";
                default -> "Unhealthy";
            })
            .text(
                    "Message",
                    "What it says of itself.",
                    o -> healthy(o).path("message").asText(""))
            .text(
                    "Error",
                    "What is wrong with it.",
                    o -> healthy(o).path("error").asText(""))
            .list();

    public static final List<Column> RESOURCE_QUOTAS = Columns.named()
            .text("Request", "What is used of what may be requested.", o -> quota(o, false))
            .text("Limit", "What is used of what may be the limit.", o -> quota(o, true))
            .age()
            .list();

    /** Of events of the core group. */
    public static final List<Column> EVENTS = Columns.begin()
            .aged("Last Seen", "When it last happened.", ClusterColumns::lastSeen)
            .text("Type", "Normal or Warning.", o -> o.path("type").asText(""))
            .text("Reason", "Why, for programs.", o -> o.path("reason").asText(""))
            .text("Object", "What it is about.", ClusterColumns::involved)
            .wide(
                    "Subobject",
                    "What part of it.",
                    o -> o.path("involvedObject").path("fieldPath").asText(""))
            .wide("Source", "Who tells.", ClusterColumns::source)
            .text(
                    "Message",
                    "What happened, for people.",
                    o -> o.path("message").asText("").strip())
            .add(
                    "First Seen",
                    "string",
                    "",
                    "When it first happened.",
                    1,
                    (o, now) -> TextNode.valueOf(firstSeen(o, now)))
            .add("Count", "string", "", "How often it happened.", 1, (o, now) -> LongNode.valueOf(count(o)))
            .add(
                    "Name",
                    "string",
                    "name",
                    "The name, unique within the namespace.",
                    1,
                    (o, now) -> TextNode.valueOf(o.path("metadata").path("name").asText()))
            .list();

    public static final List<Column> LEASES = Columns.named()
            .text(
                    "Holder",
                    "Who has it.",
                    o -> o.path("spec").path("holderIdentity").asText(""))
            .age()
            .list();

    public static final List<Column> PRIORITY_CLASSES = Columns.named()
            .number("Value", "How important its pods are.", o -> o.path("value").asLong())
            .flag(
                    "Global-Default",
                    "Whether pods get it that state none.",
                    o -> o.path("globalDefault").asBoolean())
            .age()
            .text(
                    "PreemptionPolicy",
                    "Whether its pods push others away.",
                    o -> o.path("preemptionPolicy").asText(""))
            .list();

    public static final List<Column> RUNTIME_CLASSES = Columns.named()
            .text(
                    "Handler",
                    "What the runtime calls it.",
                    o -> o.path("handler").asText(""))
            .age()
            .list();

    private ClusterColumns() {}

    private static String phase(JsonNode object) {
        return object.path("status").path("phase").asText("");
    }

    private static String nodeStatus(JsonNode node) {
        String ready = Texts.condition(node.path("status").path("conditions"), "Ready");
        String text = ready.isEmpty() ? "Unknown" : ready.equals("True") ? "Ready" : "NotReady";
        return node.path("spec").path("unschedulable").asBoolean() ? text + ",SchedulingDisabled" : text;
    }

    private static String nodeRoles(JsonNode node) {
        String prefix = "node-role.kubernetes.io/";
        TreeSet<String> roles = new TreeSet<>();
        node.path("metadata").path("labels").properties().forEach(label -> {
            if (label.getKey().startsWith(prefix)) {
                roles.add(label.getKey().substring(prefix.length()));
            } else if (label.getKey().equals("kubernetes.io/role")) {
                roles.add(label.getValue().asText());
            }
        });
        roles.remove("");
        return roles.isEmpty() ? Columns.NONE : String.join(",", roles);
    }

    private static String nodeInfo(JsonNode node, String field, String absent) {
        return Texts.or(node.path("status").path("nodeInfo").path(field), absent);
    }

    private static String nodeAddress(JsonNode node, String type) {
        for (JsonNode address : node.path("status").path("addresses")) {
            if (address.path("type").asText().equals(type)) {
                return address.path("address").asText("");
            }
        }
        return Columns.NONE;
    }

    private static JsonNode healthy(JsonNode component) {
        for (JsonNode condition : component.path("conditions")) {
            if (condition.path("type").asText().equals("Healthy")) {
                return condition;
            }
        }
        return component.path("");
    }

    private static String quota(JsonNode quota, boolean limits) {
        JsonNode hard = quota.path("status").path("hard");
        TreeSet<String> names = new TreeSet<>();
        hard.fieldNames().forEachRemaining(names::add);
        return names.stream()
                .filter(name -> name.startsWith("limits.") == limits)
                .map(name -> name + ": "
                        + Texts.quantity(quota.path("status").path("used").path(name)) + "/"
                        + Texts.quantity(hard.path(name)))
                .collect(Collectors.joining(", "));
    }

    private static String firstSeen(JsonNode event, Instant now) {
        JsonNode first = event.path("firstTimestamp");
        return Ages.since(first.isTextual() ? first : event.path("eventTime"), now);
    }

    private static String lastSeen(JsonNode event, Instant now) {
        if (event.path("series").isObject()) {
            return Ages.since(event.path("series").path("lastObservedTime"), now);
        }
        JsonNode last = event.path("lastTimestamp");
        return last.isTextual() ? Ages.since(last, now) : firstSeen(event, now);
    }

    private static long count(JsonNode event) {
        if (event.path("series").isObject()) {
            return event.path("series").path("count").asLong();
        }
        return Math.max(1, event.path("count").asLong());
    }

    private static String involved(JsonNode event) {
        String kind = event.path("involvedObject").path("kind").asText("").toLowerCase(Locale.ROOT);
        String name = event.path("involvedObject").path("name").asText("");
        return name.isEmpty() ? kind : kind + "/" + name;
    }

    private static String source(JsonNode event) {
        List<String> parts = new ArrayList<>();
        parts.add(Texts.or(
                event.path("source").path("component"),
                event.path("reportingComponent").asText("")));
        String host = Texts.or(
                event.path("source").path("host"),
                event.path("reportingInstance").asText(""));
        if (!host.isEmpty()) {
            parts.add(host);
        }
        return String.join(", ", parts);
    }
}
