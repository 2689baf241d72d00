package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How the kinds are shown that say who may do what, and what comes in: roles, certificates, webhooks, flows, devices. */
public final class PolicyColumns {
    public static final List<Column> ROLE_BINDINGS = Columns.named()
            .text(
                    "Role",
                    "What they may do.",
                    o -> o.path("roleRef").path("kind").asText("") + "/"
                            + o.path("roleRef").path("name").asText(""))
            .age()
            .wide("Users", "Which users.", o -> subjects(o, "User"))
            .wide("Groups", "Which groups.", o -> subjects(o, "Group"))
            .wide("ServiceAccounts", "Which service accounts.", o -> subjects(o, "ServiceAccount"))
            .list();

    public static final List<Column> CERTIFICATE_REQUESTS = Columns.named()
            .age()
            .text(
                    "SignerName",
                    "Who is to sign.",
                    o -> Texts.orNone(o.path("spec").path("signerName")))
            .text("Requestor", "Who asks.", o -> o.path("spec").path("username").asText(""))
            .text(
                    "RequestedDuration",
                    "For how long.",
                    o -> o.path("spec").path("expirationSeconds").isNumber()
                            ? Ages.human(Duration.ofSeconds(
                                    o.path("spec").path("expirationSeconds").asLong()))
                            : Columns.NONE)
            .text("Condition", "How far it is.", PolicyColumns::certificateCondition)
            .list();

    public static final List<Column> WEBHOOKS = Columns.named()
            .number(
                    "Webhooks",
                    "How many webhooks there are.",
                    o -> o.path("webhooks").size())
            .age()
            .list();

    public static final List<Column> VALIDATING_POLICIES = Columns.named()
            .number(
                    "Validations",
                    "How many rules there are.",
                    o -> o.path("spec").path("validations").size())
            .text("ParamKind", "What gives the parameters.", PolicyColumns::paramKind)
            .age()
            .list();

    public static final List<Column> MUTATING_POLICIES = Columns.named()
            .number(
                    "Mutations",
                    "How many changes it makes.",
                    o -> o.path("spec").path("mutations").size())
            .text("ParamKind", "What gives the parameters.", PolicyColumns::paramKind)
            .age()
            .list();

    public static final List<Column> POLICY_BINDINGS = Columns.named()
            .text(
                    "PolicyName",
                    "Which policy is put to use.",
                    o -> o.path("spec").path("policyName").asText(""))
            .text("ParamRef", "With which parameters.", PolicyColumns::paramReference)
            .age()
            .list();

    public static final List<Column> FLOW_SCHEMAS = Columns.named()
            .text(
                    "PriorityLevel",
                    "How important its requests are.",
                    o -> o.path("spec")
                            .path("priorityLevelConfiguration")
                            .path("name")
                            .asText(""))
            .numberAsText(
                    "MatchingPrecedence",
                    "The lowest that matches is taken.",
                    o -> o.path("spec").path("matchingPrecedence").asLong())
            .text(
                    "DistinguisherMethod",
                    "What makes its flows.",
                    o -> o.path("spec").path("distinguisherMethod").path("type").asText(Columns.NONE))
            .age()
            .text("MissingPL", "Whether its priority level does not exist.", o -> {
                String dangling = Texts.condition(o.path("status").path("conditions"), "Dangling");
                return dangling.isEmpty() ? "?" : dangling;
            })
            .list();

    public static final List<Column> PRIORITY_LEVELS = Columns.named()
            .text(
                    "Type",
                    "Whether requests are limited.",
                    o -> o.path("spec").path("type").asText(""))
            .add(
                    "NominalConcurrencyShares",
                    "string",
                    "",
                    "Its share of all that can go on.",
                    0,
                    (o, now) -> orNone(o.path("spec").path("limited").path("nominalConcurrencyShares")))
            .add(
                    "Queues",
                    "string",
                    "",
                    "How many queues it has.",
                    0,
                    (o, now) -> orNone(queuing(o).path("queues")))
            .add(
                    "HandSize",
                    "string",
                    "",
                    "Out of how many queues a flow chooses.",
                    0,
                    (o, now) -> orNone(queuing(o).path("handSize")))
            .add(
                    "QueueLengthLimit",
                    "string",
                    "",
                    "How long a queue may be.",
                    0,
                    (o, now) -> orNone(queuing(o).path("queueLengthLimit")))
            .age()
            .list();

    public static final List<Column> API_SERVICES = Columns.named()
            .text("Service", "Who serves it.", o -> {
                JsonNode service = o.path("spec").path("service");
                return service.isObject()
                        ? service.path("namespace").asText("") + "/"
                                + service.path("name").asText("")
                        : "Local";
            })
            .text("Available", "Whether it is served.", PolicyColumns::available)
            .age()
            .list();

    public static final List<Column> DEVICE_CLASSES = Columns.named().age().list();

    public static final List<Column> RESOURCE_CLAIMS = Columns.named()
            .text("State", "Whether devices are set aside, and used.", PolicyColumns::claimState)
            .age()
            .list();

    public static final List<Column> RESOURCE_CLAIM_TEMPLATES =
            Columns.named().age().list();

    public static final List<Column> RESOURCE_SLICES = Columns.named()
            .text(
                    "Node",
                    "Where the devices are.",
                    o -> o.path("spec").path("nodeName").asText(""))
            .text(
                    "Driver",
                    "Whose devices they are.",
                    o -> o.path("spec").path("driver").asText(""))
            .text(
                    "Pool",
                    "To which pool they belong.",
                    o -> o.path("spec").path("pool").path("name").asText(""))
            .age()
            .list();

    private PolicyColumns() {}

    private static String subjects(JsonNode binding, String kind) {
        return binding.path("subjects")
                .valueStream()
                .filter(subject -> subject.path("kind").asText().equals(kind))
                .map(subject -> kind.equals("ServiceAccount")
                        ? subject.path("namespace").asText("") + "/"
                                + subject.path("name").asText("")
                        : subject.path("name").asText(""))
                .collect(Collectors.joining(", "));
    }

    private static String certificateCondition(JsonNode request) {
        List<String> types = Texts.texts(request.path("status").path("conditions"), "type");
        String text = types.contains("Denied") ? "Denied" : types.contains("Approved") ? "Approved" : "Pending";
        if (types.contains("Failed")) {
            text += ",Failed";
        }
        return request.path("status").path("certificate").asText("").isEmpty() ? text : text + ",Issued";
    }

    private static String paramKind(JsonNode policy) {
        JsonNode kind = policy.path("spec").path("paramKind");
        return kind.isObject()
                ? kind.path("apiVersion").asText("") + "/" + kind.path("kind").asText("")
                : Columns.UNSET;
    }

    private static String paramReference(JsonNode binding) {
        JsonNode reference = binding.path("spec").path("paramRef");
        String name = reference.path("name").asText("");
        if (!name.isEmpty()) {
            return Texts.or(reference.path("namespace"), "*") + "/" + name;
        }
        return reference.path("selector").isObject() ? selectorAsStruct(reference.path("selector")) : Columns.UNSET;
    }

    /** A selector as Go shows a structure; nobody ever wrote it nicer. */
    private static String selectorAsStruct(JsonNode selector) {
        TreeMap<String, String> labels = new TreeMap<>();
        selector.path("matchLabels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        StringBuilder text = new StringBuilder("&LabelSelector{MatchLabels:map[string]string{");
        labels.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append(','));
        text.append("},MatchExpressions:[]LabelSelectorRequirement{");
        for (JsonNode expression : selector.path("matchExpressions")) {
            text.append("LabelSelectorRequirement{Key:")
                    .append(expression.path("key").asText())
                    .append(",Operator:")
                    .append(expression.path("operator").asText())
                    .append(",Values:[")
                    .append(String.join(" ", Texts.texts(expression.path("values"), "")))
                    .append("],},");
        }
        return text.append("},}").toString();
    }

    private static JsonNode queuing(JsonNode level) {
        return level.path("spec").path("limited").path("limitResponse").path("queuing");
    }

    private static JsonNode orNone(JsonNode value) {
        return value.isNumber() ? value : TextNode.valueOf(Columns.NONE);
    }

    private static String available(JsonNode service) {
        for (JsonNode condition : service.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Available")) {
                String status = condition.path("status").asText("");
                return status.equals("True")
                        ? status
                        : status + " (" + condition.path("reason").asText("") + ")";
            }
        }
        return "Unknown";
    }

    private static String claimState(JsonNode claim) {
        List<String> states = new ArrayList<>();
        boolean deleted = Texts.deleted(claim);
        if (deleted) {
            states.add("deleted");
        }
        if (claim.path("status").path("allocation").isObject()) {
            states.add("allocated");
            if (!claim.path("status").path("reservedFor").isEmpty()) {
                states.add("reserved");
            }
        } else if (!deleted) {
            states.add("pending");
        }
        return String.join(",", states);
    }
}
