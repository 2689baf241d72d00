package io.keelson.agent.plugins;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriverBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.wire.csi.NodeGetInfoResponse;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the API knows of the storage plugins of this node: the CSINode with their names for it, their topology and how
 * many volumes they take; the same names in the node's annotation, and its place by its labels. Any thread; one change
 * at a time.
 */
public final class CsiNodeObject implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CsiNodeObject.class);
    private static final String NODE_IDS = "csi.volume.kubernetes.io/nodeid";
    private static final String MIGRATED = "storage.alpha.kubernetes.io/migrated-plugins";

    /** Plugins of old that are served by CSI drivers everywhere now; the scheduler counts their volumes so. */
    private static final List<String> MIGRATED_PLUGINS = List.of(
            "kubernetes.io/aws-ebs",
            "kubernetes.io/azure-disk",
            "kubernetes.io/azure-file",
            "kubernetes.io/cinder",
            "kubernetes.io/gce-pd",
            "kubernetes.io/portworx-volume",
            "kubernetes.io/vsphere-volume");

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(10);
    private static final int TRIES = 5;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String name;
    private final KubernetesClient client;
    private final Repeating repeating;
    private Duration pause = RETRY;

    /** @param name of the node */
    public CsiNodeObject(String name, KubernetesClient client, Time time) {
        this.name = name;
        this.client = client;
        repeating = new Repeating("csi-node", time, () -> pause, this::ensure);
    }

    /** Has the CSINode be there, with or without plugins, as soon as there is the Node; once. */
    public void start() {
        repeating.start();
    }

    private void ensure() {
        pause = RETRY;
        try {
            change(drivers -> drivers);
            pause = LOOK_EVERY;
        } catch (PluginProblem | KubernetesClientException e) {
            LOG.debug("the CSINode is made later: {}", e.getMessage());
        }
    }

    /**
     * A plugin is there.
     *
     * @throws PluginProblem if what it says cannot be told, or there is no Node yet
     * @throws KubernetesClientException if the API refuses
     */
    public synchronized void add(String driver, NodeGetInfoResponse info) throws PluginProblem {
        if (info.getNodeId().isEmpty()) {
            throw new PluginProblem("error adding CSI driver node info: driverNodeID must not be empty");
        }
        Map<String, String> topology =
                new TreeMap<>(info.getAccessibleTopology().getSegmentsMap());
        labelNode(driver, info.getNodeId(), topology);
        CSINodeDriverBuilder entry = new CSINodeDriverBuilder()
                .withName(driver)
                .withNodeID(info.getNodeId())
                .withTopologyKeys(new ArrayList<>(topology.keySet()));
        if (info.getMaxVolumesPerNode() > 0) {
            entry.withNewAllocatable((int) Math.min(Integer.MAX_VALUE, info.getMaxVolumesPerNode()));
        }
        change(drivers -> {
            List<CSINodeDriver> others = without(drivers, driver);
            others.add(entry.build());
            return others;
        });
    }

    /** A plugin is gone. Its labels stay: others may have them, too. */
    public synchronized void remove(String driver) {
        try {
            change(drivers -> without(drivers, driver));
            Node node = client.nodes().withName(name).get();
            if (node != null) {
                Map<String, String> ids = ids(node);
                if (ids.remove(driver) != null) {
                    annotate(ids.isEmpty() ? null : JSON.writeValueAsString(ids), Map.of());
                }
            }
        } catch (PluginProblem | KubernetesClientException | JsonProcessingException e) {
            // What is there too much is put right when the plugin registers again.
            LOG.warn("the API is not told that CSI driver {} is gone: {}", driver, e.getMessage());
        }
    }

    private static List<CSINodeDriver> without(List<CSINodeDriver> drivers, String driver) {
        List<CSINodeDriver> others = new ArrayList<>(drivers);
        others.removeIf(known -> driver.equals(known.getName()));
        return others;
    }

    private void labelNode(String driver, String id, Map<String, String> topology) throws PluginProblem {
        Node node = node();
        Map<String, String> labels = OrEmpty.of(node.getMetadata().getLabels());
        Map<String, String> missing = new HashMap<>();
        for (Map.Entry<String, String> segment : topology.entrySet()) {
            String known = labels.get(segment.getKey());
            if (known == null) {
                missing.put(segment.getKey(), segment.getValue());
            } else if (!known.equals(segment.getValue())) {
                throw new PluginProblem("detected topology value collision: driver reported \"" + segment.getKey()
                        + "\":\"" + segment.getValue() + "\" but existing label is \"" + segment.getKey() + "\":\""
                        + known
                        + '"');
            }
        }
        try {
            Map<String, String> ids = ids(node);
            boolean same = id.equals(ids.put(driver, id));
            if (!same || !missing.isEmpty()) {
                annotate(JSON.writeValueAsString(ids), missing);
            }
        } catch (JsonProcessingException e) {
            throw new PluginProblem("the annotation " + NODE_IDS + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Node node() throws PluginProblem {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            throw new PluginProblem("error getting node: nodes \"" + name + "\" not found: it has not registered yet");
        }
        return node;
    }

    /** By the name of the driver; what is damaged is as none, and is written anew by those that register. */
    private static Map<String, String> ids(Node node) {
        String written = OrEmpty.of(node.getMetadata().getAnnotations()).getOrDefault(NODE_IDS, "");
        if (written.isEmpty()) {
            return new TreeMap<>();
        }
        try {
            return new TreeMap<>(JSON.readValue(written, new TypeReference<Map<String, String>>() {}));
        } catch (JsonProcessingException e) {
            LOG.warn("annotation {} is written anew: {}", NODE_IDS, e.getMessage());
            return new TreeMap<>();
        }
    }

    private void annotate(@Nullable String ids, Map<String, String> labels) {
        Map<String, Object> annotations = new HashMap<>();
        annotations.put(NODE_IDS, ids);
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("annotations", annotations);
        if (!labels.isEmpty()) {
            metadata.put("labels", labels);
        }
        var _ = Patch.of(client, Node.class, new Key("", name)).merge(Map.of("metadata", metadata));
    }

    /** Changes the drivers of the CSINode, which is made if it is not there. */
    private synchronized void change(UnaryOperator<List<CSINodeDriver>> change) throws PluginProblem {
        for (int tries = 1; ; tries++) {
            try {
                CSINode now = client.storage().v1().csiNodes().withName(name).get();
                if (now == null) {
                    client.resource(changed(made(), change)).create();
                    return;
                }
                CSINode wanted = changed(now, change);
                if (!wanted.equals(now)) {
                    client.resource(wanted).update();
                }
                return;
            } catch (KubernetesClientException e) {
                boolean mayPass = e.getCode() == HttpURLConnection.HTTP_CONFLICT || Refusals.isOutdated(e);
                if (!mayPass || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    private CSINode made() throws PluginProblem {
        Node node = node();
        return new CSINodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(name)
                .withUid(node.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    private static CSINode changed(CSINode now, UnaryOperator<List<CSINodeDriver>> change) {
        TreeSet<String> migrated = new TreeSet<>(MIGRATED_PLUGINS);
        List<CSINodeDriver> before = OrEmpty.of(now.getSpec().getDrivers());
        List<CSINodeDriver> after = change.apply(before);
        CSINodeBuilder changed = new CSINodeBuilder(now)
                .editMetadata()
                .addToAnnotations(MIGRATED, String.join(",", migrated))
                .endMetadata();
        // In another order they are the same.
        if (!new HashSet<>(before).equals(new HashSet<>(after))) {
            changed.editSpec().withDrivers(after).endSpec();
        }
        return changed.build();
    }

    /** Looks at it no more; the object stays. */
    @Override
    public void close() {
        repeating.close();
    }
}
