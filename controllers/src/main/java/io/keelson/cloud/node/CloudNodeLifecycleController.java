package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.Instances;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.Taints;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code cloud-node-lifecycle-controller}. It looks at all Nodes each period, and asks about the few that are not
 * ready; what went wrong with one is tried again the next time.
 */
public final class CloudNodeLifecycleController implements Controller {
    /** As {@code --controllers} has it. */
    public static final String NAME = "cloud-node-lifecycle-controller";

    private static final Logger LOG = LoggerFactory.getLogger(CloudNodeLifecycleController.class);
    private static final int ASKED_AT_ONCE = 16;

    private final Instances instances;
    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final NodePatch patch;
    private final Cache<Node> nodes;

    private CloudNodeLifecycleController(
            Instances instances, CloudNodeSettings settings, Context context, Setup setup) {
        this.instances = instances;
        client = context.client();
        events = context.events().from(NAME);
        time = context.time();
        patch = new NodePatch(client);
        nodes = setup.read(Node.class);
        setup.every(settings.monitorPeriod(), this::monitor);
    }

    /**
     * The controller for the machines of a provider.
     *
     * @return empty if the provider knows none
     */
    public static Optional<ControllerDescriptor> descriptor(CloudProvider provider, CloudNodeSettings settings) {
        return provider.instances()
                .map(instances -> new ControllerDescriptor(
                        NAME,
                        1,
                        (context, setup) -> new CloudNodeLifecycleController(instances, settings, context, setup)));
    }

    private void monitor() throws InterruptedException {
        List<RuntimeException> failures = AtOnce.run(nodes.all(), ASKED_AT_ONCE, this::look);
        for (RuntimeException failure : failures) {
            LOG.warn("{}: {}", NAME, failure.getMessage(), failure);
        }
    }

    private void look(Node node) {
        String name = node.getMetadata().getName();
        try {
            switch (Fate.of(node, instances)) {
                case DELETED -> delete(node);
                case TAINTED -> {
                    List<Taint> taints = new ArrayList<>(Fate.otherTaints(node));
                    taints.add(new TaintBuilder()
                            .withKey(Fate.SHUTDOWN)
                            .withEffect(Taints.NO_SCHEDULE)
                            .withTimeAdded(time.instant()
                                    .truncatedTo(ChronoUnit.SECONDS)
                                    .toString())
                            .build());
                    Node _ = patch.write(node, Map.of(), Map.of("taints", taints));
                }
                case UNTAINTED -> {
                    Node _ = patch.write(node, Map.of(), Map.of("taints", Fate.otherTaints(node)));
                }
                case LEFT -> {}
            }
        } catch (CloudException e) {
            LOG.warn("error checking if node {} exists: {}", name, e.getMessage());
        } catch (KubernetesClientException e) {
            if (!Refusals.isOutdated(e)) {
                LOG.warn("node {}: {}", name, Refusals.message(e));
            }
        }
    }

    private void delete(Node node) {
        String name = node.getMetadata().getName();
        events.normal(
                node, "DeletingNode", "Deleting node " + name + " because it does not exist in the cloud provider");
        try {
            boolean _ = Deletion.of(client, node);
        } catch (KubernetesClientException e) {
            events.warning(node, "DeletingNodeFailed", "Failed deleting node " + name + ": " + Refusals.message(e));
            throw e;
        }
    }

    /** There are no keys: all is looked at each period. */
    @Override
    public Outcome reconcile(Key key) {
        return Outcome.done();
    }
}
