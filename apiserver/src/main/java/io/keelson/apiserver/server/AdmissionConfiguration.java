package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.images.ImagePolicy;
import io.keelson.apiserver.admission.podsecurity.PodSecurityConfiguration;
import io.keelson.apiserver.admission.quota.LimitedResource;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.webhook.WebhookCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How plugins are configured: the file of {@code --admission-control-config-file}.
 *
 * @param plugins what it says of each, by name
 */
public record AdmissionConfiguration(Map<String, ObjectNode> plugins) {
    public static final AdmissionConfiguration NONE = new AdmissionConfiguration(Map.of());

    private static final String FLAG = "--admission-control-config-file: ";
    private static final String GROUP = "apiserver.config.k8s.io/";
    private static final Set<String> VERSIONS = Set.of(GROUP + "v1", GROUP + "v1alpha1", "apiserver.k8s.io/v1alpha1");

    private static final String IMAGE_POLICY = "ImagePolicyWebhook";

    /** Those that can be configured. */
    private static final Set<String> CONFIGURABLE = Set.of(
            "EventRateLimit",
            IMAGE_POLICY,
            "MutatingAdmissionWebhook",
            "PodNodeSelector",
            "PodSecurity",
            "PodTolerationRestriction",
            "ResourceQuota",
            "ValidatingAdmissionWebhook");

    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "plugins",
                    ConfigShape.object().texts("name", "path").field("configuration", ConfigShape.Value.OBJECT));
    private static final ConfigShape.Fields WEBHOOK = ConfigShape.document().texts("kubeConfigFile");
    private static final String SELECTORS = "podNodeSelectorPluginConfig";

    public AdmissionConfiguration {
        plugins = Map.copyOf(plugins);
    }

    /**
     * Reads an {@code AdmissionConfiguration}, and the files that it names, relative to its own folder.
     *
     * @throws IllegalArgumentException naming what cannot be used
     */
    static AdmissionConfiguration read(Path file) {
        try {
            ObjectNode tree = ConfigFile.read(file);
            if (!VERSIONS.contains(ObjectMeta.apiVersion(tree))
                    || !ObjectMeta.kind(tree).equals("AdmissionConfiguration")) {
                throw new IllegalArgumentException(
                        FLAG + file + " is no AdmissionConfiguration of apiserver.config.k8s.io/v1");
            }
            Map<String, ObjectNode> plugins = new HashMap<>();
            try {
                SHAPE.require(tree);
            } catch (IOException e) {
                throw new IllegalArgumentException(FLAG + file + ": " + e.getMessage(), e);
            }
            for (JsonNode plugin : tree.path("plugins")) {
                String name = plugin.path("name").asText("");
                if (!CONFIGURABLE.contains(name)) {
                    throw new IllegalArgumentException(
                            FLAG + file + ": the plugin \"" + name + "\" is not configurable here");
                }
                if (plugins.putIfAbsent(name, configuration(file, plugin)) != null) {
                    throw new IllegalArgumentException(
                            FLAG + file + ": the plugin \"" + name + "\" is configured twice");
                }
            }
            return new AdmissionConfiguration(plugins);
        } catch (IOException e) {
            throw new IllegalArgumentException(FLAG + e.getMessage(), e);
        }
    }

    private static ObjectNode configuration(Path file, JsonNode plugin) throws IOException {
        String path = plugin.path("path").asText("");
        if (plugin.get("configuration") instanceof ObjectNode inline) {
            return inline;
        }
        if (path.isEmpty()) {
            throw new IOException(file + ": the plugin \"" + plugin.path("name").asText("")
                    + "\" has neither a configuration nor a path to one");
        }
        return ConfigFile.read(file.resolveSibling(path));
    }

    /** What it says of a plugin; null if it says nothing. */
    @Nullable
    ObjectNode of(String plugin) {
        return plugins.get(plugin);
    }

    /** What a document about a plugin means. */
    @FunctionalInterface
    private interface Reading<T> {
        T read(ObjectNode document) throws IOException;
    }

    /** @throws IllegalArgumentException naming the plugin whose configuration cannot be used */
    private <T> T of(String plugin, T otherwise, Reading<T> reading) {
        ObjectNode document = plugins.get(plugin);
        return document == null ? otherwise : read(plugin, document, reading);
    }

    /** @throws IllegalArgumentException naming the plugin whose configuration cannot be used */
    private static <T> T read(String plugin, ObjectNode document, Reading<T> reading) {
        try {
            return reading.read(document);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(FLAG + "plugin " + GoText.quoted(plugin) + ": " + e.getMessage(), e);
        }
    }

    /** What holds for pods where a namespace says nothing. */
    PodSecurityConfiguration podSecurity() {
        return of("PodSecurity", PodSecurityConfiguration.DEFAULT, PodSecurityConfiguration::parse);
    }

    /** Which labels of nodes the pods of a namespace may select. */
    Map<String, String> nodeSelectors() {
        return of("PodNodeSelector", Map.of(), AdmissionConfiguration::selectors);
    }

    /** What may be used only where a quota covers it. */
    List<LimitedResource> limitedResources() {
        return of("ResourceQuota", List.of(), LimitedResource::parse);
    }

    /**
     * Who is asked about images.
     *
     * @throws IllegalArgumentException if it does not say so
     */
    ImagePolicy imagePolicy() {
        ObjectNode document = plugins.get(IMAGE_POLICY);
        if (document == null) {
            throw new IllegalArgumentException(
                    IMAGE_POLICY + " needs a configuration in --admission-control-config-file");
        }
        return read(IMAGE_POLICY, document, ImagePolicy::read);
    }

    /**
     * What webhooks are shown.
     *
     * @param plugin that calls them
     */
    WebhookCredentials shownBy(String plugin) {
        return of(plugin, WebhookCredentials.NONE, AdmissionConfiguration::credentials);
    }

    private static Map<String, String> selectors(ObjectNode configuration) throws IOException {
        JsonNode own = configuration.path(SELECTORS);
        if (!own.isObject() || configuration.size() != 1) {
            throw new IOException("expected " + SELECTORS + ", and nothing else");
        }
        Map<String, String> selectors = new HashMap<>();
        for (Map.Entry<String, JsonNode> selector : own.properties()) {
            if (!selector.getValue().isTextual()) {
                throw new IOException(SELECTORS + "." + selector.getKey() + ": expected a string");
            }
            selectors.put(selector.getKey(), selector.getValue().textValue());
        }
        return selectors;
    }

    private static WebhookCredentials credentials(ObjectNode configuration) throws IOException {
        if (!VERSIONS.contains(ObjectMeta.apiVersion(configuration))
                || !Set.of("WebhookAdmissionConfiguration", "WebhookAdmission")
                        .contains(ObjectMeta.kind(configuration))) {
            throw new IOException("not a WebhookAdmissionConfiguration of apiserver.config.k8s.io/v1");
        }
        WEBHOOK.require(configuration);
        String kubeconfig = configuration.path("kubeConfigFile").asText("");
        if (kubeconfig.isEmpty()) {
            return WebhookCredentials.NONE;
        }
        if (!Path.of(kubeconfig).isAbsolute()) {
            throw new IOException("kubeConfigFile must be an absolute file path " + GoText.quoted(kubeconfig));
        }
        return WebhookCredentials.read(Path.of(kubeconfig));
    }
}
