package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.Instance;
import io.keelson.cloud.Instances;
import io.keelson.cloud.Retries;
import io.keelson.cloud.Zones;
import io.keelson.cloud.Zones.Zone;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code cloud-node-controller}. The taint goes in the same write in which the rest comes, so a Node is either known or
 * waits; its addresses are written after that, and again each period.
 */
public final class CloudNodeController implements Controller {
    /** As {@code --controllers} has it. */
    public static final String NAME = "cloud-node-controller";

    private static final Logger LOG = LoggerFactory.getLogger(CloudNodeController.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(5);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1000);

    private final Instances instances;
    private final Optional<Zones> zones;
    private final int workers;
    private final Events events;
    private final NodePatch patch;
    private final OwnWrites written;
    private final Cache<Node> nodes;
    private final Retries retries = new Retries(FIRST_RETRY, LAST_RETRY);

    private CloudNodeController(
            Instances instances, CloudProvider provider, CloudNodeSettings settings, Context context, Setup setup) {
        this.instances = instances;
        zones = provider.zones();
        workers = settings.workers();
        events = context.events().from(NAME);
        patch = new NodePatch(context.client());
        written = new OwnWrites(context.time());
        nodes = setup.watch(Node.class, CloudNodeController::concerned);
        setup.every(settings.statusUpdateFrequency(), this::updateAddresses);
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
                        settings.workers(),
                        (context, setup) -> new CloudNodeController(instances, provider, settings, context, setup)));
    }

    private static Collection<Key> concerned(Change<Node> change) {
        Node now = change.now();
        // One that is gone too: what is remembered of it is forgotten.
        boolean concerned = now == null
                || Initialization.isWaitedFor(now)
                || !Initialization.stableLabels(now).isEmpty();
        return concerned ? List.of(Key.of(change.object())) : List.of();
    }

    @Override
    public Outcome reconcile(Key key) {
        Node node = nodes.get(key);
        if (node == null) {
            written.forget(key);
            retries.forget(key);
            return Outcome.done();
        }
        if (!written.seen(key, List.of(node))) {
            return Outcome.after(OwnWrites.GIVEN_UP);
        }
        if (Initialization.isWaitedFor(node)) {
            try {
                initialize(key, node);
            } catch (CloudException e) {
                LOG.warn("error syncing '{}': {}, requeuing", key, e.getMessage());
                Duration asked = e.retryAfter();
                return Outcome.after(asked == null ? retries.after(key) : asked);
            }
            retries.forget(key);
            return Outcome.done();
        }
        Map<String, String> labels = Initialization.stableLabels(node);
        if (!labels.isEmpty()) {
            written.changed(key, patch.write(node, labels, Map.of()));
        }
        return Outcome.done();
    }

    private void initialize(Key key, Node node) {
        Instance instance;
        try {
            instance = instances.find(node).orElseThrow(() -> new CloudException("instance not found"));
        } catch (CloudException e) {
            throw new CloudException(
                    "failed to get instance metadata for node " + key.name() + ": " + e.getMessage(),
                    e,
                    e.retryAfter());
        }
        Zone zone = zones.map(known -> known.of(node)).orElseGet(() -> new Zone("", ""));
        Initialization initialization = Initialization.of(node, instance, zone);
        Node initialized = patch.write(
                node,
                initialization.labels(),
                Map.of("providerID", initialization.providerId(), "taints", initialization.taints()));
        written.changed(key, initialized);
        events.normal(initialized, "Synced", "Node synced successfully");
        try {
            address(initialized, instance);
        } catch (KubernetesClientException e) {
            if (!Refusals.isOutdated(e)) {
                throw e;
            }
            // The kubelet wrote in between: on what that made of it.
            Node fresh = patch.fresh(initialized);
            if (fresh != null) {
                address(fresh, instance);
            }
        }
    }

    private void address(Node node, Instance instance) {
        List<NodeAddress> had = node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getAddresses());
        List<NodeAddress> addresses = CloudAddresses.of(node, instance.addresses());
        if (!addresses.equals(had)) {
            Node _ = patch.status(node, Map.of("addresses", addresses));
        }
    }

    private void updateAddresses() throws InterruptedException {
        List<RuntimeException> failures = AtOnce.run(nodes.all(), workers, node -> {
            if (Initialization.isWaitedFor(node)) {
                return;
            }
            try {
                instances.find(node).ifPresent(instance -> address(node, instance));
            } catch (CloudException e) {
                LOG.warn("addresses of node {}: {}", node.getMetadata().getName(), e.getMessage());
            }
        });
        for (RuntimeException failure : failures) {
            if (!(failure instanceof KubernetesClientException refusal && Refusals.isOutdated(refusal))) {
                LOG.warn("addresses of nodes: {}", failure.getMessage(), failure);
            }
        }
    }
}
