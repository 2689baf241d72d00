package io.keelson.controllers.nodettl;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;

/**
 * {@code ttl-controller}. When the cluster comes to another size, a node hears of it with its own next change, as with the
 * original: the heartbeats of nodes are spread out, and so are these writes.
 */
public final class NodeTtlController implements Controller {
    static final String ANNOTATION = "node.alpha.kubernetes.io/ttl";
    private static final int WORKERS = 5;

    private final KubernetesClient client;
    private final Cache<Node> nodes;
    private final ClusterSize size = new ClusterSize();
    private boolean complete;

    private NodeTtlController(Context context, Setup setup) {
        client = context.client();
        nodes = setup.watch(Node.class, this::count);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("ttl-controller", WORKERS, NodeTtlController::new);
    }

    private List<Key> count(Change<Node> change) {
        Key key = Key.of(change.object());
        if (change.deleted()) {
            size.remove(key.name());
        } else {
            size.add(key.name());
        }
        return List.of(key);
    }

    /** Counts all nodes that were there before this loop: a cluster that is not counted to its end looks small. */
    private synchronized void complete() {
        if (!complete) {
            nodes.all().forEach(node -> size.add(node.getMetadata().getName()));
            complete = true;
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        complete();
        Node node = nodes.get(key);
        String wanted = Integer.toString(size.seconds());
        if (node == null
                || wanted.equals(OrEmpty.of(node.getMetadata().getAnnotations()).get(ANNOTATION))) {
            return Outcome.done();
        }
        Map<String, Object> metadata = Map.of(
                "uid", node.getMetadata().getUid(),
                "annotations", Map.of(ANNOTATION, wanted));
        try {
            Patch.of(client, node).merge(Map.of("metadata", metadata));
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        return Outcome.done();
    }
}
