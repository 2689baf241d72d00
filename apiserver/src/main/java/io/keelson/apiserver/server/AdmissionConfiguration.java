package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugins;
import io.keelson.apiserver.admission.podsecurity.PodSecurityConfiguration;
import io.keelson.apiserver.admission.quota.LimitedResource;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.webhook.WebhookCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What plugins of admission are told besides that they are on: a file of kind AdmissionConfiguration, which has the
 * configuration of each plugin in it or names a file with it.
 *
 * @param podSecurity what holds where a namespace says nothing
 * @param nodeSelectors which labels of nodes the pods of a namespace may select
 * @param limitedResources what may be used only where a quota covers it
 * @param mutating what is shown to webhooks that change objects
 * @param validating what is shown to webhooks that judge objects
 */
public record AdmissionConfiguration(
        PodSecurityConfiguration podSecurity,
        Map<String, String> nodeSelectors,
        List<LimitedResource> limitedResources,
        WebhookCredentials mutating,
        WebhookCredentials validating) {
    /** Nobody is told anything. */
    public static final AdmissionConfiguration NONE = new AdmissionConfiguration(
            PodSecurityConfiguration.DEFAULT, Map.of(), List.of(), WebhookCredentials.NONE, WebhookCredentials.NONE);

    private static final String GROUP = "apiserver.config.k8s.io/";
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "plugins",
                    ConfigShape.object().texts("name", "path").field("configuration", ConfigShape.Value.OBJECT));
    private static final ConfigShape.Fields WEBHOOK = ConfigShape.document().texts("kubeConfigFile");

    public AdmissionConfiguration {
        nodeSelectors = Map.copyOf(nodeSelectors);
        limitedResources = List.copyOf(limitedResources);
    }

    /** @throws IOException naming the file, and the plugin whose configuration cannot be used */
    public static AdmissionConfiguration read(Path file) throws IOException {
        ObjectNode document = ConfigFile.read(file);
        String apiVersion = ObjectMeta.apiVersion(document);
        if (!Set.of(GROUP + "v1", GROUP + "v1alpha1").contains(apiVersion)
                || !ObjectMeta.kind(document).equals("AdmissionConfiguration")) {
            throw new IOException(file + ": expected an AdmissionConfiguration of " + GROUP + "v1, got "
                    + ObjectMeta.kind(document) + " of " + apiVersion);
        }
        try {
            SHAPE.require(document);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        Path parent = file.toAbsolutePath().getParent();
        Path folder = parent == null ? file : parent;
        AdmissionConfiguration all = NONE;
        Set<String> seen = new HashSet<>();
        for (JsonNode plugin : document.path("plugins")) {
            String name = plugin.path("name").asText("");
            if (!seen.add(name)) {
                throw new IOException(file + ": plugins: Duplicate value: " + GoText.quoted(name));
            }
            try {
                ObjectNode configuration = configuration(plugin, folder);
                if (configuration != null) {
                    all = all.with(name, configuration);
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException(file + ": plugin " + GoText.quoted(name) + ": " + e.getMessage(), e);
            }
        }
        return all;
    }

    /** Null if there is none. */
    private static @Nullable ObjectNode configuration(JsonNode plugin, Path folder) throws IOException {
        if (plugin.get("configuration") instanceof ObjectNode within) {
            return within;
        }
        String path = plugin.path("path").asText("");
        return path.isEmpty() ? null : ConfigFile.read(folder.resolve(path));
    }

    private AdmissionConfiguration with(String plugin, ObjectNode configuration) throws IOException {
        return switch (plugin) {
            case "PodSecurity" ->
                new AdmissionConfiguration(
                        PodSecurityConfiguration.parse(configuration),
                        nodeSelectors,
                        limitedResources,
                        mutating,
                        validating);
            case "PodNodeSelector" ->
                new AdmissionConfiguration(
                        podSecurity, selectors(configuration), limitedResources, mutating, validating);
            case "ResourceQuota" ->
                new AdmissionConfiguration(
                        podSecurity, nodeSelectors, LimitedResource.parse(configuration), mutating, validating);
            case "MutatingAdmissionWebhook" ->
                new AdmissionConfiguration(
                        podSecurity, nodeSelectors, limitedResources, credentials(configuration), validating);
            case "ValidatingAdmissionWebhook" ->
                new AdmissionConfiguration(
                        podSecurity, nodeSelectors, limitedResources, mutating, credentials(configuration));
            default ->
                throw new IllegalArgumentException(
                        AdmissionPlugins.ORDER.contains(plugin)
                                ? "it takes no configuration in this server"
                                : "there is no such plugin");
        };
    }

    private static Map<String, String> selectors(ObjectNode configuration) throws IOException {
        JsonNode own = configuration.path("podNodeSelectorPluginConfig");
        if (!own.isObject() || configuration.size() != 1) {
            throw new IOException("expected podNodeSelectorPluginConfig, and nothing else");
        }
        Map<String, String> selectors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> selector : own.properties()) {
            if (!selector.getValue().isTextual()) {
                throw new IOException("podNodeSelectorPluginConfig." + selector.getKey() + ": expected a string");
            }
            selectors.put(selector.getKey(), selector.getValue().textValue());
        }
        return selectors;
    }

    private static WebhookCredentials credentials(ObjectNode configuration) throws IOException {
        String apiVersion = ObjectMeta.apiVersion(configuration);
        if (!Set.of(GROUP + "v1", GROUP + "v1alpha1").contains(apiVersion)
                || !Set.of("WebhookAdmissionConfiguration", "WebhookAdmission")
                        .contains(ObjectMeta.kind(configuration))) {
            throw new IOException("not a WebhookAdmissionConfiguration of " + GROUP + "v1");
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
