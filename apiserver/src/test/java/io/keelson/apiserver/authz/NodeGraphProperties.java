package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** After any changes the graph says what one that was made anew of what there is would say. */
class NodeGraphProperties {
    private static final int NAMES = 4;

    private final Map<String, ObjectNode> pods = new HashMap<>();
    private final Map<String, ObjectNode> volumes = new HashMap<>();

    @Property(tries = 200)
    void theGraphIsWhatThereIs(@ForAll long seed) {
        pods.clear();
        volumes.clear();
        NodeGraph changed = new NodeGraph();
        Random random = new Random(seed);
        for (int step = 0; step < 60; step++) {
            change(changed, random);
            compare(changed);
        }
        // Events were missed: everything that is there is told, and what is not told is gone.
        pods.keySet().removeIf(name -> random.nextBoolean());
        volumes.keySet().removeIf(name -> random.nextBoolean());
        pods.values().forEach(changed::putPod);
        volumes.values().forEach(changed::putVolume);
        changed.retain(NodeGraph.Kind.POD, (namespace, name) -> pods.containsKey(name));
        changed.retain(NodeGraph.Kind.VOLUME, (namespace, name) -> volumes.containsKey(name));
        compare(changed);
    }

    private void change(NodeGraph changed, Random random) {
        String name = "x" + random.nextInt(NAMES);
        switch (random.nextInt(5)) {
            case 0 -> {
                pods.remove(name);
                changed.removePod("ns", name);
            }
            case 1 -> {
                volumes.remove(name);
                changed.removeVolume(name);
            }
            case 2 -> {
                ObjectNode volume = volume(name, random);
                volumes.put(name, volume);
                changed.putVolume(volume);
            }
            default -> {
                ObjectNode pod = pod(name, random);
                pods.put(name, pod);
                changed.putPod(pod);
            }
        }
    }

    private static String one(Random random) {
        return "x" + random.nextInt(NAMES);
    }

    private static ObjectNode pod(String name, Random random) {
        ObjectNode pod = Json.object();
        ObjectNode metadata = pod.putObject("metadata").put("namespace", "ns").put("name", name);
        if (random.nextInt(6) == 0) {
            metadata.putObject("annotations").put("kubernetes.io/config.mirror", "");
        }
        ObjectNode spec = pod.putObject("spec");
        if (random.nextInt(5) > 0) {
            spec.put("nodeName", "n" + random.nextInt(2));
        }
        spec.put("serviceAccountName", one(random));
        spec.putArray("imagePullSecrets").addObject().put("name", one(random));
        ObjectNode container = spec.putArray("containers").addObject();
        container.putArray("envFrom").addObject().putObject("secretRef").put("name", one(random));
        var list = spec.putArray("volumes");
        list.addObject().putObject("configMap").put("name", one(random));
        list.addObject().putObject("persistentVolumeClaim").put("claimName", one(random));
        return pod;
    }

    private static ObjectNode volume(String name, Random random) {
        ObjectNode volume = Json.object();
        volume.putObject("metadata").put("name", name);
        ObjectNode spec = volume.putObject("spec");
        if (random.nextInt(4) > 0) {
            spec.putObject("claimRef").put("namespace", "ns").put("name", one(random));
        }
        ObjectNode secret = spec.putObject("csi").putObject("nodeStageSecretRef");
        secret.put("namespace", "ns").put("name", one(random));
        return volume;
    }

    private void compare(NodeGraph changed) {
        for (int n = 0; n < 2; n++) {
            String node = "n" + n;
            for (int i = 0; i < NAMES; i++) {
                String name = "x" + i;
                Set<NodeGraph.Kind> expected = expected(node, name);
                for (NodeGraph.Kind kind : NodeGraph.Kind.values()) {
                    String namespace = kind == NodeGraph.Kind.VOLUME ? "" : "ns";
                    assertEquals(
                            expected.contains(kind), changed.related(node, kind, namespace, name), kind + " " + name);
                }
            }
        }
    }

    /** By looking at everything. */
    private Set<NodeGraph.Kind> expected(String node, String name) {
        Set<NodeGraph.Kind> kinds = new HashSet<>();
        Set<String> claims = new HashSet<>();
        for (ObjectNode pod : pods.values()) {
            if (!pod.path("spec").path("nodeName").asText("").equals(node)) {
                continue;
            }
            if (pod.path("metadata").path("name").asText().equals(name)) {
                kinds.add(NodeGraph.Kind.POD);
            }
            if (pod.path("metadata").has("annotations")) {
                continue;
            }
            add(kinds, NodeGraph.Kind.SERVICE_ACCOUNT, pod, "/spec/serviceAccountName", name);
            add(kinds, NodeGraph.Kind.SECRET, pod, "/spec/imagePullSecrets/0/name", name);
            add(kinds, NodeGraph.Kind.SECRET, pod, "/spec/containers/0/envFrom/0/secretRef/name", name);
            add(kinds, NodeGraph.Kind.CONFIG_MAP, pod, "/spec/volumes/0/configMap/name", name);
            add(kinds, NodeGraph.Kind.VOLUME_CLAIM, pod, "/spec/volumes/1/persistentVolumeClaim/claimName", name);
            claims.add(pod.at("/spec/volumes/1/persistentVolumeClaim/claimName").asText());
        }
        for (ObjectNode volume : volumes.values()) {
            if (claims.contains(volume.at("/spec/claimRef/name").asText())) {
                add(kinds, NodeGraph.Kind.VOLUME, volume, "/metadata/name", name);
                add(kinds, NodeGraph.Kind.SECRET, volume, "/spec/csi/nodeStageSecretRef/name", name);
            }
        }
        return kinds;
    }

    private static void add(
            Set<NodeGraph.Kind> kinds, NodeGraph.Kind kind, ObjectNode object, String pointer, String name) {
        if (object.at(pointer).asText("").equals(name)) {
            kinds.add(kind);
        }
    }
}
