package io.keelson.controllers.testing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The nodes of a test, and what kubelets and users do to them. */
public final class TestNodes {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final KubernetesClient client;

    /** None yet. */
    public TestNodes(KubernetesClient client) {
        this.client = client;
    }

    /** Creates a node of a name that no other test has; its name. */
    public String create(Map<String, String> labels) {
        String name = "node-" + NUMBER.incrementAndGet() + '-'
                + ProcessHandle.current().pid();
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** A node as it is; null if it is gone. */
    public @Nullable Node get(String name) {
        return client.nodes().withName(name).get();
    }

    /** Plays the kubelet: posts one condition. */
    public void post(String name, String type, String status, Instant heartbeat) {
        String time = heartbeat.truncatedTo(ChronoUnit.SECONDS).toString();
        again(() -> client.nodes()
                .withName(name)
                .editStatus(node -> new NodeBuilder(node)
                        .editOrNewStatus()
                        .removeMatchingFromConditions(condition -> type.equals(condition.getType()))
                        .addToConditions(new NodeConditionBuilder()
                                .withType(type)
                                .withStatus(status)
                                .withReason("Posted")
                                .withMessage("as the kubelet says")
                                .withLastHeartbeatTime(time)
                                .withLastTransitionTime(time)
                                .build())
                        .endStatus()
                        .build()));
    }

    /** Gives a node these taints and no others. */
    public void taint(String name, Taint... taints) {
        edit(
                name,
                node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withTaints(taints)
                        .endSpec()
                        .build());
    }

    /** Changes a node as a user does, again if a controller wrote in between. */
    public void edit(String name, UnaryOperator<Node> change) {
        again(() -> client.nodes().withName(name).edit(change));
    }

    private static void again(Supplier<Node> write) {
        for (int tries = 1; ; tries++) {
            try {
                Node _ = write.get();
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || tries == 20) {
                    throw e;
                }
            }
        }
    }

    /** Whether a node has a taint. */
    public boolean hasTaint(String name, String key, String effect) {
        Node node = get(name);
        return node != null
                && node.getSpec() != null
                && node.getSpec().getTaints() != null
                && node.getSpec().getTaints().stream()
                        .anyMatch(taint -> key.equals(taint.getKey()) && effect.equals(taint.getEffect()));
    }

    /** A pod that is bound to a node, not created yet. */
    public static PodBuilder pod(String namespace, String name, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("main")
                .withImage("example/image")
                .endContainer()
                .endSpec();
    }

    /** Creates a pod. */
    public Pod create(PodBuilder pod) {
        return client.resource(pod.build()).create();
    }

    /** Deletes a node. */
    public void delete(String name) {
        client.nodes().withName(name).delete();
    }
}
