package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.routing.ServicePort;
import org.jspecify.annotations.Nullable;

/**
 * A group and version that is served somewhere else, as its {@code APIService} says.
 *
 * @param name of the object: {@code version.group}
 * @param server where it is
 * @param caBundle whose certificates are believed: PEM in Base64; empty for those that the platform trusts
 * @param insecure whether its certificate is not looked at
 */
record ApiService(
        String name,
        String group,
        String version,
        ServicePort server,
        String caBundle,
        boolean insecure,
        int groupPriority,
        int versionPriority) {
    /** Reads an object; null if what it names is served by this server itself. */
    static @Nullable ApiService of(JsonNode object) {
        JsonNode spec = object.path("spec");
        JsonNode service = spec.path("service");
        if (!service.isObject()) {
            return null;
        }
        return new ApiService(
                ObjectMeta.name(object),
                spec.path("group").asText(""),
                spec.path("version").asText(""),
                ServicePort.of(service),
                spec.path("caBundle").asText(""),
                spec.path("insecureSkipTLSVerify").asBoolean(false),
                spec.path("groupPriorityMinimum").asInt(0),
                spec.path("versionPriority").asInt(0));
    }

    /** The path below which everything of the group and version is. */
    String path() {
        return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
    }
}
