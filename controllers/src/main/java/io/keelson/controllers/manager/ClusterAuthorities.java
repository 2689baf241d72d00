package io.keelson.controllers.manager;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose certificates count, as the API server says it to those that stand behind it, in the ConfigMap
 * {@code kube-system/extension-apiserver-authentication}. Certificates are kept in files of this process, which are
 * written again when they change and go when this is closed.
 */
public final class ClusterAuthorities implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterAuthorities.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";
    private static final String CLIENTS = "client-ca-file";
    private static final String PROXIES = "requestheader-client-ca-file";

    private final KubernetesClient client;
    private final Path folder;
    private Map<String, String> data;

    private ClusterAuthorities(KubernetesClient client, Path folder, Map<String, String> data) {
        this.client = client;
        this.folder = folder;
        this.data = data;
    }

    /**
     * Looks them up.
     *
     * @throws IOException if the ConfigMap cannot be read, with what to do
     */
    public static ClusterAuthorities lookUp(KubernetesClient client) throws IOException {
        Map<String, String> data = read(client);
        ClusterAuthorities authorities =
                new ClusterAuthorities(client, Files.createTempDirectory("keelson-authorities"), data);
        authorities.write(CLIENTS);
        authorities.write(PROXIES);
        return authorities;
    }

    private static Map<String, String> read(KubernetesClient client) throws IOException {
        try {
            ConfigMap found =
                    client.configMaps().inNamespace(NAMESPACE).withName(NAME).get();
            if (found != null) {
                return OrEmpty.of(found.getData());
            }
        } catch (KubernetesClientException e) {
            throw new IOException(
                    "Unable to get configmap/" + NAME + " in " + NAMESPACE + ": " + e.getMessage()
                            + ". Usually fixed by 'kubectl create rolebinding -n " + NAMESPACE
                            + " ROLEBINDING_NAME --role=extension-apiserver-authentication-reader"
                            + " --serviceaccount=YOUR_NS:YOUR_SA'",
                    e);
        }
        throw new IOException("there is no configmap/" + NAME + " in " + NAMESPACE
                + ": give --requestheader-client-ca-file, or --authentication-skip-lookup");
    }

    /** Looks again; what cannot be read now stays as it was. */
    public synchronized void refresh() {
        try {
            Map<String, String> now = read(client);
            Map<String, String> before = data;
            data = now;
            for (String each : List.of(CLIENTS, PROXIES)) {
                if (!text(each).equals(before.getOrDefault(each, ""))) {
                    write(each);
                }
            }
        } catch (IOException e) {
            LOG.warn("whose certificates count cannot be looked up: {}", e.getMessage());
        }
    }

    private String text(String field) {
        return data.getOrDefault(field, "");
    }

    private void write(String field) throws IOException {
        if (!text(field).isBlank()) {
            WholeFile.write(folder.resolve(field), text(field));
        }
    }

    /** The settings with what is found here, where they say nothing. */
    public synchronized ReviewSettings in(ReviewSettings given) throws IOException {
        boolean hasProxy = given.proxyAuthorities() == null && !text(PROXIES).isBlank();
        return new ReviewSettings(
                given.authentication(),
                given.authorization(),
                given.openPaths(),
                given.tokenKept(),
                given.allowedKept(),
                given.refusedKept(),
                given.clientAuthorities() == null ? file(CLIENTS) : given.clientAuthorities(),
                hasProxy ? file(PROXIES) : given.proxyAuthorities(),
                hasProxy ? list("requestheader-allowed-names") : given.proxyNames(),
                hasProxy
                        ? new FrontProxy.Headers(
                                list("requestheader-username-headers"),
                                list("requestheader-uid-headers"),
                                list("requestheader-group-headers"),
                                list("requestheader-extra-headers-prefix"))
                        : given.proxyHeaders());
    }

    private @Nullable Path file(String field) {
        return text(field).isBlank() ? null : folder.resolve(field);
    }

    private List<String> list(String field) throws IOException {
        String text = text(field);
        if (text.isBlank()) {
            return List.of();
        }
        try {
            return List.of(JSON.readValue(text, String[].class));
        } catch (JsonProcessingException e) {
            throw new IOException("configmap/" + NAME + ": " + field + " is no list of texts", e);
        }
    }

    @Override
    public void close() {
        try {
            for (String each : List.of(CLIENTS, PROXIES)) {
                Files.deleteIfExists(folder.resolve(each));
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.warn("{} stays: {}", folder, e.getMessage());
        }
    }
}
