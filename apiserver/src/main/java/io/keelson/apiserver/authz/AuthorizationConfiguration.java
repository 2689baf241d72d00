package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.schema.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which authorizers there are, in order: what a file of kind AuthorizationConfiguration says ({@code
 * --authorization-config}), or the flags that came before it.
 */
public record AuthorizationConfiguration(List<Entry> authorizers) {
    private static final List<String> VERSIONS = List.of(
            "apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1");
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "authorizers",
                    ConfigShape.object()
                            .texts("type", "name")
                            .field(
                                    "webhook",
                                    ConfigShape.object()
                                            .texts(
                                                    "authorizedTTL",
                                                    "unauthorizedTTL",
                                                    "timeout",
                                                    "subjectAccessReviewVersion",
                                                    "matchConditionSubjectAccessReviewVersion",
                                                    "failurePolicy")
                                            .flags("cacheAuthorizedRequests", "cacheUnauthorizedRequests")
                                            .field(
                                                    "connectionInfo",
                                                    ConfigShape.object().texts("type", "kubeConfigFile"))
                                            .list(
                                                    "matchConditions",
                                                    ConfigShape.object().texts("expression"))));
    private static final Duration TIMEOUT_MAX = Duration.ofSeconds(30);
    private static final int CONDITIONS_MAX = 64;

    /** One authorizer. */
    public sealed interface Entry {
        String name();
    }

    /** One that needs nothing but its type: Node, RBAC, ABAC, AlwaysAllow or AlwaysDeny. */
    public record BuiltIn(String type, String name) implements Entry {}

    /**
     * One that asks another server.
     *
     * @param kubeconfig says where it is
     * @param timeout for one attempt
     */
    public record Webhook(WebhookAuthorizer.Settings settings, Path kubeconfig, Duration timeout) implements Entry {
        @Override
        public String name() {
            return settings.name();
        }
    }

    public AuthorizationConfiguration {
        authorizers = List.copyOf(authorizers);
    }

    private static BuiltIn builtIn(String type, String name) throws IOException {
        return switch (type) {
            case "Node", "RBAC", "ABAC", "AlwaysAllow", "AlwaysDeny" -> new BuiltIn(type, name);
            default ->
                throw new IOException("unknown authorization mode " + Attributes.quoted(type)
                        + ", must be one of Node, RBAC, ABAC, Webhook, AlwaysAllow, AlwaysDeny");
        };
    }

    /** Whether one of them is of a type. */
    public boolean names(String type) {
        return authorizers.stream()
                .anyMatch(entry ->
                        entry instanceof BuiltIn builtIn && builtIn.type().equals(type));
    }

    /** @throws IOException with what is wrong with it */
    public static AuthorizationConfiguration parse(ObjectNode file) throws IOException {
        ConfigFile.require(file, "AuthorizationConfiguration", VERSIONS);
        SHAPE.require(file);
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> types = new HashSet<>();
        int index = 0;
        for (JsonNode entry : file.path("authorizers")) {
            String path = "authorizers[" + index++ + "]";
            String type = entry.path("type").asText();
            String name = entry.path("name").asText();
            if (name.isEmpty()) {
                throw new IOException(path + ".name: Required value");
            }
            if (!names.add(name)) {
                throw new IOException(path + ".name: Duplicate value: " + Attributes.quoted(name));
            }
            if (!types.add(type) && !type.equals("Webhook")) {
                throw new IOException(path + ".type: Duplicate value: " + Attributes.quoted(type));
            }
            entries.add(
                    type.equals("Webhook")
                            ? webhook(entry.path("webhook"), name, path + ".webhook")
                            : builtIn(type, name));
        }
        if (entries.isEmpty()) {
            throw new IOException("authorizers: Required value: at least one authorization mode must be defined");
        }
        return new AuthorizationConfiguration(entries);
    }

    private static Webhook webhook(JsonNode webhook, String name, String path) throws IOException {
        String version = webhook.path("subjectAccessReviewVersion").asText();
        if (!version.equals("v1") && !version.equals("v1beta1")) {
            throw new IOException(path + ".subjectAccessReviewVersion: Unsupported value: " + Attributes.quoted(version)
                    + ": supported values: \"v1\", \"v1beta1\"");
        }
        String policy = webhook.path("failurePolicy").asText();
        if (!policy.equals("NoOpinion") && !policy.equals("Deny")) {
            throw new IOException(path + ".failurePolicy: Unsupported value: " + Attributes.quoted(policy)
                    + ": supported values: \"Deny\", \"NoOpinion\"");
        }
        Duration timeout = duration(webhook.path("timeout"), Duration.ZERO, path + ".timeout");
        if (!timeout.isPositive() || timeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IOException(path + ".timeout: must be > 0s and <= 30s");
        }
        Path kubeconfig = kubeconfig(webhook.path("connectionInfo"), path + ".connectionInfo");
        List<CelExpression> conditions = conditions(webhook, path);
        return new Webhook(
                new WebhookAuthorizer.Settings(
                        name,
                        version,
                        cached(webhook, "cacheAuthorizedRequests")
                                ? lifetime(webhook, "authorizedTTL", Duration.ofMinutes(5), path)
                                : Duration.ZERO,
                        cached(webhook, "cacheUnauthorizedRequests")
                                ? lifetime(webhook, "unauthorizedTTL", Duration.ofSeconds(30), path)
                                : Duration.ZERO,
                        policy.equals("Deny"),
                        conditions),
                kubeconfig,
                timeout);
    }

    private static List<CelExpression> conditions(JsonNode webhook, String path) throws IOException {
        JsonNode conditions = webhook.path("matchConditions");
        String version =
                webhook.path("matchConditionSubjectAccessReviewVersion").asText();
        if (version.isEmpty() && !conditions.isEmpty()) {
            throw new IOException(path + ".matchConditionSubjectAccessReviewVersion: Required value: required if match"
                    + " conditions are specified");
        }
        if (!version.isEmpty() && !version.equals("v1")) {
            throw new IOException(path + ".matchConditionSubjectAccessReviewVersion: Unsupported value: "
                    + Attributes.quoted(version) + ": supported values: \"v1\"");
        }
        if (conditions.size() > CONDITIONS_MAX) {
            throw new IOException(path + ".matchConditions: Too many: " + conditions.size() + ": must have at most "
                    + CONDITIONS_MAX + " items");
        }
        Set<String> seen = new HashSet<>();
        List<CelExpression> compiled = new ArrayList<>();
        for (JsonNode condition : conditions) {
            String at = path + ".matchConditions[" + compiled.size() + "].expression: ";
            String text = condition.path("expression").asText("");
            if (text.isBlank()) {
                throw new IOException(at + "Required value");
            }
            if (!seen.add(text)) {
                throw new IOException(at + "Duplicate value: " + Attributes.quoted(text));
            }
            try {
                compiled.add(AccessConditions.compile(text));
            } catch (CelExpressionException e) {
                throw new IOException(at + "Invalid value: " + Attributes.quoted(text) + ": " + e.getMessage(), e);
            }
        }
        return compiled;
    }

    private static Path kubeconfig(JsonNode info, String path) throws IOException {
        JsonNode file = info.path("kubeConfigFile");
        String type = info.path("type").asText("");
        return switch (type) {
            case "" -> throw new IOException(path + ".type: Required value");
            case "KubeConfigFile" -> kubeconfig(file.asText(""), path + ".kubeConfigFile");
            case "InClusterConfig" -> {
                if (file.isTextual()) {
                    throw new IOException(path + ".kubeConfigFile: Invalid value: " + Attributes.quoted(file.asText())
                            + ": can only be set when type=KubeConfigFile");
                }
                // It stands for the API server of the cluster, which would ask itself.
                throw new IOException(path + ".type: Forbidden: InClusterConfig is not for API servers:"
                        + " set type=KubeConfigFile and kubeConfigFile");
            }
            default ->
                throw new IOException(path + ".type: Unsupported value: " + Attributes.quoted(type)
                        + ": supported values: \"InClusterConfig\", \"KubeConfigFile\"");
        };
    }

    private static Path kubeconfig(String text, String path) throws IOException {
        if (text.isEmpty()) {
            throw new IOException(path + ": Required value");
        }
        String invalid = path + ": Invalid value: " + Attributes.quoted(text) + ": ";
        try {
            Path file = Path.of(text);
            if (!file.isAbsolute()) {
                throw new IOException(invalid + "must be an absolute path");
            }
            if (!Files.exists(file)) {
                throw new IOException(invalid + "error loading file: stat " + text + ": no such file or directory");
            }
            if (!Files.isRegularFile(file)) {
                throw new IOException(invalid + "must be a regular file");
            }
            return file;
        } catch (InvalidPathException e) {
            throw new IOException(invalid + "error loading file: stat " + text + ": invalid argument", e);
        }
    }

    private static boolean cached(JsonNode webhook, String field) {
        return webhook.path(field).asBoolean(true);
    }

    private static Duration lifetime(JsonNode webhook, String field, Duration otherwise, String path)
            throws IOException {
        Duration lifetime = duration(webhook.path(field), otherwise, path + "." + field);
        if (lifetime.isNegative()) {
            throw new IOException(path + "." + field + ": must be > 0s");
        }
        return lifetime;
    }

    /** A duration as Go writes it: {@code 1h30m}, {@code 500ms}; none at all is as if it were not given. */
    private static Duration duration(JsonNode node, Duration otherwise, String path) throws IOException {
        String text = node.asText();
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            Duration read = Durations.parse(text);
            return read.isZero() ? otherwise : read;
        } catch (MalformedException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /** Finds the authorizer of a type that needs nothing else. */
    @FunctionalInterface
    public interface BuiltIns {
        /** @throws IllegalArgumentException if there is none of this type */
        Authorizer of(String type);
    }

    /** Is told of what single authorizers have decided. Any thread. */
    @FunctionalInterface
    public interface Decided {
        /** Nobody is told. */
        Decided BY_NOBODY = (type, name, decision) -> {};

        /**
         * @param type of the authorizer: {@code RBAC}, {@code Webhook}
         * @param name as the configuration has it
         */
        void by(String type, String name, Decision decision);
    }

    private static Authorizer told(Authorizer authorizer, String type, String name, Decided decided) {
        return new Authorizer() {
            @Override
            public Decision authorize(Attributes attributes) {
                Decision decision = authorizer.authorize(attributes);
                decided.by(type, name, decision);
                return decision;
            }

            @Override
            public RuleList rulesFor(UserInfo user, String namespace) {
                return authorizer.rulesFor(user, namespace);
            }
        };
    }

    /**
     * The authorizers of a configuration as one.
     *
     * @param calls to the webhooks among them
     */
    record Chain(Authorizer authorizer, List<RemoteCalls> calls) implements AutoCloseable {
        @Override
        public void close() {
            calls.forEach(RemoteCalls::close);
        }
    }

    /**
     * Puts the authorizers together; {@code system:masters} comes before them all.
     *
     * @param decided is told what each of them decides
     * @param clients how webhooks are connected to
     * @throws IOException if a webhook's kubeconfig cannot be used
     */
    Chain build(BuiltIns builtIns, Decided decided, HttpClients clients, InstantSource clock) throws IOException {
        List<Authorizer> chain = new ArrayList<>();
        List<RemoteCalls> calls = new ArrayList<>();
        chain.add(Authorizer.MASTERS);
        for (Entry entry : authorizers) {
            switch (entry) {
                case BuiltIn builtIn ->
                    chain.add(told(builtIns.of(builtIn.type()), builtIn.type(), builtIn.name(), decided));
                case Webhook webhook -> {
                    RemoteCalls to = RemoteCalls.webhook(
                            Kubeconfig.readCurrent(webhook.kubeconfig()), webhook.timeout(), clients);
                    calls.add(to);
                    chain.add(told(
                            new WebhookAuthorizer(webhook.settings(), to, clock), "Webhook", webhook.name(), decided));
                }
            }
        }
        return new Chain(new UnionAuthorizer(chain), calls);
    }
}
