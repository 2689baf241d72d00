package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** How kinds that run pods are shown. */
public final class WorkloadColumns {
    public static final List<Column> DEPLOYMENTS = withTemplate(Columns.named()
                    .text(
                            "Ready",
                            "How many pods are ready, of how many there should be.",
                            o -> o.path("status").path("readyReplicas").asLong()
                                    + "/"
                                    + o.path("spec").path("replicas").asLong())
                    .numberAsText(
                            "Up-to-date",
                            "How many pods are of the newest template.",
                            o -> status(o, "updatedReplicas"))
                    .numberAsText(
                            "Available",
                            "How many pods have been ready for long enough.",
                            o -> status(o, "availableReplicas"))
                    .age())
            .wide(
                    "Selector",
                    "Which pods are counted as its own.",
                    o -> Texts.plainSelector(o.path("spec").path("selector"), "<invalid>"))
            .list();

    public static final List<Column> REPLICA_SETS = withTemplate(replicas())
            .wide("Selector", "Which pods are counted as its own.", WorkloadColumns::selector)
            .list();

    public static final List<Column> REPLICATION_CONTROLLERS = withTemplate(replicas())
            .wide(
                    "Selector",
                    "Which pods are counted as its own.",
                    o -> Texts.labels(o.path("spec").path("selector")))
            .list();

    public static final List<Column> SCALES = Columns.named()
            .number(
                    "Desired",
                    "How many replicas are wanted.",
                    o -> o.path("spec").path("replicas").asLong())
            .number(
                    "Available",
                    "How many replicas there are.",
                    o -> o.path("status").path("replicas").asLong())
            .age()
            .list();

    public static final List<Column> STATEFUL_SETS = withTemplate(Columns.named()
                    .text(
                            "Ready",
                            "How many pods are ready, of how many there should be.",
                            o -> status(o, "readyReplicas") + "/"
                                    + o.path("spec").path("replicas").asLong())
                    .age())
            .list();

    public static final List<Column> DAEMON_SETS = withTemplate(Columns.named()
                    .number("Desired", "On how many nodes it should run.", o -> status(o, "desiredNumberScheduled"))
                    .number("Current", "On how many of these it does.", o -> status(o, "currentNumberScheduled"))
                    .number("Ready", "On how many it is ready.", o -> status(o, "numberReady"))
                    .number(
                            "Up-to-date",
                            "On how many it is of the newest template.",
                            o -> status(o, "updatedNumberScheduled"))
                    .number(
                            "Available",
                            "On how many it has been ready for long enough.",
                            o -> status(o, "numberAvailable"))
                    .text(
                            "Node Selector",
                            "On which nodes it runs.",
                            o -> Texts.labels(template(o).path("spec").path("nodeSelector")))
                    .age())
            .wide("Selector", "Which pods are counted as its own.", WorkloadColumns::selector)
            .list();

    public static final List<Column> CONTROLLER_REVISIONS = Columns.named()
            .text("Controller", "Whose revision it is.", WorkloadColumns::controller)
            .numberAsText(
                    "Revision",
                    "Its number; higher ones are newer.",
                    o -> o.path("revision").asLong())
            .age()
            .list();

    public static final List<Column> JOBS = withTemplate(Columns.named()
                    .text("Status", "How far it is.", WorkloadColumns::jobStatus)
                    .text(
                            "Completions",
                            "How many pods succeeded, of how many that have to.",
                            WorkloadColumns::completions)
                    .aged("Duration", "How long it has been at work.", WorkloadColumns::jobDuration)
                    .age())
            .wide("Selector", "Which pods are counted as its own.", WorkloadColumns::selector)
            .list();

    public static final List<Column> CRON_JOBS = template(
                    Columns.named()
                            .text(
                                    "Schedule",
                                    "When it runs, as cron writes it.",
                                    o -> o.path("spec").path("schedule").asText(""))
                            .text(
                                    "Timezone",
                                    "By whose clocks.",
                                    o -> o.path("spec").path("timeZone").asText(Columns.NONE))
                            .add(
                                    "Suspend",
                                    "boolean",
                                    "",
                                    "Whether it is not to run for now.",
                                    0,
                                    (o, now) -> TextNode.valueOf(
                                            suspended(o.path("spec").path("suspend"))))
                            .number(
                                    "Active",
                                    "How many jobs of it are at work.",
                                    o -> o.path("status").path("active").size())
                            .aged("Last Schedule", "When it last ran.", (o, now) -> {
                                JsonNode last = o.path("status").path("lastScheduleTime");
                                return last.isTextual() ? Ages.since(last, now) : Columns.NONE;
                            })
                            .age(),
                    o -> template(o.path("spec").path("jobTemplate")))
            .wide(
                    "Selector",
                    "Which pods are counted as its own.",
                    o -> Texts.selector(
                            o.path("spec").path("jobTemplate").path("spec").path("selector")))
            .list();

    public static final List<Column> AUTOSCALERS = Columns.named()
            .text("Reference", "What is scaled.", o -> {
                JsonNode target = o.path("spec").path("scaleTargetRef");
                return target.path("kind").asText("") + "/"
                        + target.path("name").asText("");
            })
            .text("Targets", "What is measured, and what it should be.", WorkloadColumns::metrics)
            .text(
                    "MinPods",
                    "How few pods there may be.",
                    o -> o.path("spec").path("minReplicas").asText(Columns.UNSET))
            .numberAsText(
                    "MaxPods",
                    "How many pods there may be.",
                    o -> o.path("spec").path("maxReplicas").asLong())
            .numberAsText("Replicas", "How many pods there are.", o -> status(o, "currentReplicas"))
            .age()
            .list();

    public static final List<Column> DISRUPTION_BUDGETS = Columns.named()
            .text(
                    "Min Available",
                    "How many pods have to be available.",
                    o -> o.path("spec").path("minAvailable").asText("N/A"))
            .text(
                    "Max Unavailable",
                    "How many pods may be unavailable.",
                    o -> o.path("spec").path("maxUnavailable").asText("N/A"))
            .number("Allowed Disruptions", "How many pods may be taken away now.", o -> status(o, "disruptionsAllowed"))
            .age()
            .list();

    private WorkloadColumns() {}

    private static Columns replicas() {
        return Columns.named()
                .number(
                        "Desired",
                        "How many pods there should be.",
                        o -> o.path("spec").path("replicas").asLong())
                .number("Current", "How many pods there are.", o -> status(o, "replicas"))
                .number("Ready", "How many pods are ready.", o -> status(o, "readyReplicas"))
                .age();
    }

    private static Columns withTemplate(Columns columns) {
        return template(columns, WorkloadColumns::template);
    }

    private static Columns template(Columns columns, Function<JsonNode, JsonNode> template) {
        return columns.wide(
                        "Containers",
                        "Names of the containers in the template.",
                        o -> Texts.each(template.apply(o).path("spec").path("containers"), "name"))
                .wide(
                        "Images",
                        "Images of the containers in the template.",
                        o -> Texts.each(template.apply(o).path("spec").path("containers"), "image"));
    }

    private static JsonNode template(JsonNode object) {
        return object.path("spec").path("template");
    }

    private static String selector(JsonNode object) {
        return Texts.selector(object.path("spec").path("selector"));
    }

    private static long status(JsonNode object, String field) {
        return object.path("status").path(field).asLong();
    }

    private static String controller(JsonNode revision) {
        for (JsonNode owner : revision.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                String version = owner.path("apiVersion").asText("");
                String group = version.substring(0, Math.max(0, version.indexOf('/')));
                GroupKind kind = new GroupKind(group, owner.path("kind").asText());
                return kind.toString().toLowerCase(Locale.ROOT) + "/"
                        + owner.path("name").asText();
            }
        }
        return Columns.NONE;
    }

    private static String suspended(JsonNode suspend) {
        return suspend.isBoolean() ? (suspend.booleanValue() ? "True" : "False") : Columns.UNSET;
    }

    private static String jobStatus(JsonNode job) {
        JsonNode conditions = job.path("status").path("conditions");
        if (Texts.condition(conditions, "Complete").equals("True")) {
            return "Complete";
        }
        if (Texts.condition(conditions, "Failed").equals("True")) {
            return "Failed";
        }
        if (Texts.deleted(job)) {
            return "Terminating";
        }
        if (Texts.condition(conditions, "Suspended").equals("True")) {
            return "Suspended";
        }
        return Texts.condition(conditions, "FailureTarget").equals("True") ? "FailureTarget" : "Running";
    }

    private static String completions(JsonNode job) {
        long succeeded = status(job, "succeeded");
        JsonNode completions = job.path("spec").path("completions");
        if (completions.isNumber()) {
            return succeeded + "/" + completions.asLong();
        }
        long parallelism = job.path("spec").path("parallelism").asLong();
        return parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    }

    private static String jobDuration(JsonNode job, Instant now) {
        Instant started = Ages.instant(job.path("status").path("startTime"));
        if (started == null) {
            return "";
        }
        Instant completed = Ages.instant(job.path("status").path("completionTime"));
        return Ages.human(Duration.between(started, completed == null ? now : completed));
    }

    private static String metrics(JsonNode autoscaler) {
        JsonNode metrics = autoscaler.path("spec").path("metrics");
        if (metrics.isEmpty()) {
            return Columns.NONE;
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < metrics.size(); i++) {
            texts.add(metric(
                    metrics.get(i),
                    autoscaler.path("status").path("currentMetrics").path(i)));
        }
        int shown = Math.min(texts.size(), 2);
        String text = String.join(", ", texts.subList(0, shown));
        return texts.size() > shown ? text + " + " + (texts.size() - shown) + " more..." : text;
    }

    private static String metric(JsonNode metric, JsonNode status) {
        return switch (metric.path("type").asText()) {
            case "External" -> valueOrAverage(metric.path("external"), status.path("external"));
            case "Object" -> valueOrAverage(metric.path("object"), status.path("object"));
            case "Pods" ->
                amount(status.path("pods"), "averageValue") + "/"
                        + Texts.quantity(metric.path("pods").path("target").path("averageValue"));
            case "Resource" -> resource(metric.path("resource"), status.path("resource"));
            case "ContainerResource" -> resource(metric.path("containerResource"), status.path("containerResource"));
            default -> "<unknown type>";
        };
    }

    private static String valueOrAverage(JsonNode source, JsonNode status) {
        JsonNode average = source.path("target").path("averageValue");
        if (present(average)) {
            String current =
                    present(status.path("current").path("averageValue")) ? amount(status, "averageValue") : "<unknown>";
            return current + "/" + Texts.quantity(average) + " (avg)";
        }
        return amount(status, "value") + "/"
                + Texts.quantity(source.path("target").path("value"));
    }

    private static String resource(JsonNode source, JsonNode status) {
        String name = source.path("name").asText("") + ": ";
        JsonNode average = source.path("target").path("averageValue");
        if (present(average)) {
            return name + amount(status, "averageValue") + "/" + Texts.quantity(average);
        }
        JsonNode current = status.path("current").path("averageUtilization");
        JsonNode target = source.path("target").path("averageUtilization");
        return name + (present(current) ? current.asLong() + "%" : "<unknown>") + "/"
                + (present(target) ? target.asLong() + "%" : "<auto>");
    }

    private static String amount(JsonNode status, String field) {
        return status.isObject() ? Texts.quantity(status.path("current").path(field)) : "<unknown>";
    }

    private static boolean present(JsonNode value) {
        return !value.isMissingNode() && !value.isNull();
    }
}
