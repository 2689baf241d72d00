package io.keelson.controllers.objects;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the scale of objects of any kind, that of a CustomResourceDefinition included, by what the API's
 * discovery says of the kind. What discovery said is remembered for 30 seconds, as a kind may come at any time. Any
 * thread.
 */
public final class ScaleSubresources {
    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final KubernetesClient client;
    private final Time time;
    private final Map<String, Known> known = new HashMap<>();

    /** What a version of a group has; no kinds if the API does not serve it. */
    private record Known(Map<String, Kind> kinds, Instant until) {}

    /**
     * A kind of the API.
     *
     * @param group empty for the first group
     * @param scalable whether its objects have a scale
     */
    public record Kind(String group, String version, String plural, boolean namespaced, boolean scalable) {
        /** {@code deployments.apps}, or {@code pods} in the first group; as messages have it. */
        public String resource() {
            return group.isEmpty() ? plural : plural + '.' + group;
        }

        private String path(String namespace, String name) {
            return versionPath(group, version)
                    + (namespaced ? "/namespaces/" + namespace : "")
                    + '/'
                    + plural
                    + '/'
                    + name;
        }
    }

    /** Asks through a client. */
    public ScaleSubresources(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /**
     * A kind, in the version asked for, or in another one of its group if that has it not.
     *
     * @param apiVersion {@code apps/v1} for example
     * @return null if the API does not serve it
     * @throws KubernetesClientException if the API cannot be asked
     */
    public @Nullable Kind find(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        Kind exact = kinds(group, apiVersion.substring(slash + 1)).get(kind);
        if (exact != null || group.isEmpty()) {
            return exact;
        }
        JsonNode versions = read("/apis/" + group);
        for (JsonNode version : versions == null ? JSON.createArrayNode() : versions.path("versions")) {
            Kind other = kinds(group, version.path("version").asText("")).get(kind);
            if (other != null) {
                return other;
            }
        }
        return null;
    }

    private Map<String, Kind> kinds(String group, String version) {
        String path = versionPath(group, version);
        Instant now = time.steady();
        synchronized (this) {
            Known remembered = known.get(path);
            if (remembered != null && now.isBefore(remembered.until())) {
                return remembered.kinds();
            }
        }
        Map<String, Kind> found = parse(group, version, read(path));
        synchronized (this) {
            known.values().removeIf(old -> !now.isBefore(old.until()));
            known.put(path, new Known(found, now.plus(REMEMBERED)));
        }
        return found;
    }

    private static Map<String, Kind> parse(String group, String version, @Nullable JsonNode list) {
        if (list == null) {
            return Map.of();
        }
        Set<String> scalable = new HashSet<>();
        for (JsonNode resource : list.path("resources")) {
            String name = resource.path("name").asText("");
            if (name.endsWith("/scale")) {
                scalable.add(name.substring(0, name.length() - "/scale".length()));
            }
        }
        Map<String, Kind> kinds = new HashMap<>();
        for (JsonNode resource : list.path("resources")) {
            String name = resource.path("name").asText("");
            if (name.indexOf('/') < 0) {
                kinds.put(
                        resource.path("kind").asText(""),
                        new Kind(
                                group,
                                version,
                                name,
                                resource.path("namespaced").asBoolean(),
                                scalable.contains(name)));
            }
        }
        return Map.copyOf(kinds);
    }

    private static String versionPath(String group, String version) {
        return group.isEmpty() ? "/api/" + version : "/apis/" + group + '/' + version;
    }

    /** What is at a path; null if nothing is. */
    private @Nullable JsonNode read(String path) {
        try {
            String text = client.raw(path, "GET", null);
            return text == null ? null : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new KubernetesClientException("what is at " + path + " cannot be read", e);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    /**
     * The scale of an object.
     *
     * @throws KubernetesClientException as the API answers: with 404 if there is no such object, or its kind has no
     *     scale
     */
    public Scale get(Kind kind, String namespace, String name) {
        return scale(client.raw(kind.path(namespace, name) + "/scale", "GET", null));
    }

    /**
     * Writes the scale of an object, if it is still of the version that was read.
     *
     * @throws KubernetesClientException as the API answers: with 409 if it is not
     */
    public Scale update(Kind kind, String namespace, String name, Scale scale) {
        return scale(client.raw(kind.path(namespace, name) + "/scale", "PUT", scale));
    }

    private Scale scale(@Nullable String text) {
        if (text == null) {
            throw new KubernetesClientException("the scale was not found", HttpURLConnection.HTTP_NOT_FOUND, null);
        }
        return client.getKubernetesSerialization().unmarshal(text, Scale.class);
    }
}
