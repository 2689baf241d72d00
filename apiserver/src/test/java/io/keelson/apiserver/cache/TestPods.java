package io.keelson.apiserver.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.Map;

/** Pods as far as a cache looks at them, and the resource they are of. */
final class TestPods {
    static final CachedResource RESOURCE = new CachedResource(
            "/registry/pods/",
            true,
            Json::parseObject,
            object ->
                    Map.of("spec.nodeName", object.path("spec").path("nodeName").asText("")));

    private TestPods() {}

    static String key(String namespace, String name) {
        return RESOURCE.key(namespace, name);
    }

    /** As stored: without a resource version, and with the fields in another order than they are sent in. */
    static byte[] stored(String namespace, String name, Map<String, String> labels, String node, String value) {
        ObjectNode pod = Json.object();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ObjectMeta.setName(pod, name);
        ObjectMeta.setNamespace(pod, namespace);
        ObjectMeta.setLabels(pod, labels);
        ObjectNode spec = pod.putObject("spec");
        if (!node.isEmpty()) {
            spec.put("nodeName", node);
        }
        spec.put("value", value);
        return Json.encode(pod);
    }
}
