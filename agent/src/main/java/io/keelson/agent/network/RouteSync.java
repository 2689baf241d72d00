package io.keelson.agent.network;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes from this node to the pods of others: each node's {@code spec.podCIDRs} by its address of the same family, so the nodes
 * have to be on one network, as there is no tunnel. Changes of nodes that mean nothing to routes are not looked at; others are
 * put together. Every minute it is looked whether all is there that should be, and nothing else of ours.
 */
public final class RouteSync implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteSync.class);
    /** Routes of this number are ours. */
    static final int PROTOCOL = 107;

    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final int PREFIX_LENGTH_MIN = 8;

    private final String node;
    private final Cache<Node> nodes;
    private final BridgeNetwork network;
    private final BooleanSupplier isUsed;
    private final BlockingQueue<Boolean> wanted = new ArrayBlockingQueue<>(1);
    private final Set<String> told = new HashSet<>();
    private @Nullable Thread thread;

    /**
     * Routes that follow the nodes from the start of these caches on.
     *
     * @param node the name of this one
     * @param isUsed whether the built-in network is; else there are no routes of ours
     */
    public RouteSync(String node, Caches caches, BridgeNetwork network, BooleanSupplier isUsed) {
        this.node = node;
        this.network = network;
        this.isUsed = isUsed;
        nodes = caches.listen(Node.class, this::changed);
    }

    private void changed(Change<Node> change) {
        if (change.before() == null
                || change.now() == null
                || !routes(change.before()).equals(routes(change.now()))) {
            boolean _ = wanted.offer(true);
        }
    }

    /** Makes routes from now on; the caches are filled. */
    public void start() {
        boolean _ = wanted.offer(true);
        thread = Thread.ofVirtual().name("routes").start(() -> {
            try {
                while (true) {
                    var _ = wanted.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                    syncAll();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void syncAll() throws InterruptedException {
        try {
            sync(isUsed.getAsBoolean() ? nodes.all() : List.of());
        } catch (IOException e) {
            LOG.warn("the routes to other nodes: {}", e.getMessage());
        }
    }

    /** Makes the routes to these nodes, and takes all others of ours away. */
    void sync(Collection<Node> all) throws IOException, InterruptedException {
        Map<IpPrefix, IpAddress> routes = new LinkedHashMap<>();
        for (Node other : all) {
            if (!other.getMetadata().getName().equals(node)) {
                routes(other).forEach(routes::putIfAbsent);
            }
        }
        network.clusterPods(routes.keySet());
        if (!all.isEmpty()) {
            network.repair();
        }
        Routing routing = network.links().routing();
        Map<IpPrefix, IpAddress> missing = new LinkedHashMap<>(routes);
        List<IpPrefix> wrong = new ArrayList<>();
        for (Routing.Route there : routing.routes(PROTOCOL)) {
            if (!missing.remove(there.destination(), there.gateway()) && !routes.containsKey(there.destination())) {
                wrong.add(there.destination());
            }
        }
        for (IpPrefix destination : wrong) {
            routing.removeRoute(destination, PROTOCOL);
        }
        missing.forEach((destination, gateway) -> put(routing, destination, gateway));
    }

    private void put(Routing routing, IpPrefix destination, IpAddress gateway) {
        try {
            routing.putRoute(destination, gateway, PROTOCOL);
            told.remove(destination.toString());
        } catch (IOException e) {
            // Said once, tried again each time.
            if (told.add(destination.toString())) {
                LOG.warn(
                        "pods of {} cannot be reached from here, whose node is not on a network of this one: {}",
                        destination,
                        e.getMessage());
            }
        }
    }

    /** The routes to the pods of a node, as far as it has told its addresses. */
    static Map<IpPrefix, IpAddress> routes(Node node) {
        Map<IpPrefix, IpAddress> routes = new LinkedHashMap<>();
        if (node.getSpec() == null || node.getStatus() == null) {
            return routes;
        }
        List<String> ranges = new ArrayList<>(OrEmpty.of(node.getSpec().getPodCIDRs()));
        if (ranges.isEmpty()) {
            ranges.add(OrEmpty.of(node.getSpec().getPodCIDR()));
        }
        for (String range : ranges) {
            IpPrefix prefix = IpPrefix.parse(range);
            if (prefix == null || prefix.length() < PREFIX_LENGTH_MIN) {
                continue;
            }
            for (NodeAddress address : OrEmpty.of(node.getStatus().getAddresses())) {
                IpAddress gateway = IpAddress.parse(address.getAddress());
                // Nobody is reached by way of himself.
                if ("InternalIP".equals(address.getType())
                        && gateway != null
                        && gateway.isV6() == prefix.first().isV6()
                        && !prefix.contains(gateway)) {
                    routes.putIfAbsent(prefix, gateway);
                }
            }
        }
        return routes;
    }

    /** Makes no more routes; those that are there stay, since pods use them. */
    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
