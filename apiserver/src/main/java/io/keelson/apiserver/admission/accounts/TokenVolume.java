package io.keelson.apiserver.admission.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.GeneratedNames;
import java.util.ArrayList;
import java.util.List;

/**
 * The volume {@code kube-api-access-…}, from which the containers of a pod reach the API: a token, the certificate of the
 * cluster's authority, and the name of the namespace.
 */
final class TokenVolume {
    private static final String PREFIX = "kube-api-access-";
    private static final String PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

    /** An hour, and a little so that such tokens can be told from others. */
    private static final int TOKEN_SECONDS = 3_607;

    private static final int READABLE_BY_ALL = 0644;

    private TokenVolume() {}

    /** Mounts it in every container that has nothing in its place, if there is one. */
    static void mount(ObjectNode spec) {
        String name = "";
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.path("name").asText("").startsWith(PREFIX)) {
                name = volume.path("name").asText();
                break;
            }
        }
        boolean there = !name.isEmpty();
        if (!there) {
            name = GeneratedNames.from(PREFIX);
        }
        boolean needed = false;
        List<ObjectNode> containers = new ArrayList<>(Fill.objects(spec.path("initContainers")));
        containers.addAll(Fill.objects(spec.path("containers")));
        for (ObjectNode container : containers) {
            boolean occupied = container
                    .path("volumeMounts")
                    .valueStream()
                    .anyMatch(mount -> mount.path("mountPath").asText("").equals(PATH));
            if (!occupied) {
                Fill.list(container, "volumeMounts")
                        .addObject()
                        .put("name", name)
                        .put("readOnly", true)
                        .put("mountPath", PATH);
                needed = true;
            }
        }
        if (needed && !there) {
            addVolume(spec, name);
        }
    }

    private static void addVolume(ObjectNode spec, String name) {
        ObjectNode volume = Fill.list(spec, "volumes").addObject().put("name", name);
        ObjectNode projected = volume.putObject("projected");
        ArrayNode sources = projected.putArray("sources");
        projected.put("defaultMode", READABLE_BY_ALL);
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", TOKEN_SECONDS)
                .put("path", "token");
        ObjectNode authority = sources.addObject().putObject("configMap").put("name", "kube-root-ca.crt");
        authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        ObjectNode namespace = sources.addObject()
                .putObject("downwardAPI")
                .putArray("items")
                .addObject()
                .put("path", "namespace");
        namespace.putObject("fieldRef").put("apiVersion", "v1").put("fieldPath", "metadata.namespace");
    }
}
