package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the hollow nodes alive: registers each, or takes over a hollow one of its name, renews its Lease every ten
 * seconds and posts its status every five minutes, as a kubelet whose node does not change. Each node has its turn in
 * these periods, and the turns of all are spread evenly, whenever each was registered and whatever held it up: the API
 * never gets all at once.
 *
 * <p>A node whose Lease could not be renewed for as long as it lasts may be taken for lost by now, so it posts its status as
 * soon as it is renewed again.
 *
 * <p>A node that a user deletes is dead: it is not registered again until the process is started anew. A node of that
 * name that is no hollow one is a machine's, and is left alone.
 */
final class NodePlayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodePlayer.class);
    private static final int POSTING_WORKERS = 16;
    private static final int RENEWING_WORKERS = 32;
    private static final Duration BETWEEN_RENEWALS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_STATUSES = Duration.ofMinutes(5);

    private final HollowSettings settings;
    private final KubernetesClient client;
    private final Time time;
    private final Pace pace;
    private final Workers<Integer> posts;
    /** Apart from the others: who has to wait for its turn to register must not hold up those that are to be kept alive. */
    private final Workers<Integer> renewals;

    private final List<State> states = new ArrayList<>();
    private final Map<String, State> byName = new HashMap<>();
    private final AtomicInteger registered = new AtomicInteger();
    /** What the turns of all nodes are counted from. */
    private volatile Instant begun;

    /** A node at work; what may be null is not known yet. */
    private static final class State {
        private final HollowNode node;
        private final String name;
        private volatile @Nullable String uid;
        private volatile boolean dead;
        /** Who renews has these two. */
        private @Nullable Lease lease;

        private @Nullable Instant renewed;
        /** These two are guarded by this object. */
        private @Nullable PodAddresses addresses;
        /** Addresses that pods have, by uid, until the range is known that they are of. */
        private Map<String, String> kept = new HashMap<>();

        private State(HollowNode node) {
            this.node = node;
            name = node.name();
        }
    }

    NodePlayer(HollowSettings settings, KubernetesClient client, Time time, Pace pace) {
        this.settings = settings;
        this.client = client;
        this.time = time;
        this.pace = pace;
        begun = time.instant();
        posts = new Workers<>("hollow-nodes", POSTING_WORKERS, time, this::post);
        renewals = new Workers<>("hollow-leases", RENEWING_WORKERS, time, this::renew);
        for (int i = 0; i < settings.count(); i++) {
            State state = new State(new HollowNode(settings, i));
            states.add(state);
            byName.put(state.name, state);
        }
    }

    /** Begins to register nodes. */
    void start() {
        begun = time.instant();
        posts.start();
        renewals.start();
        for (int i = 0; i < settings.count(); i++) {
            posts.add(i);
        }
    }

    /** How many nodes are registered. */
    int registered() {
        return registered.get();
    }

    /** The nodes that are registered and were not deleted, with their labels. */
    Map<String, Map<String, String>> alive() {
        Map<String, Map<String, String>> labels = new TreeMap<>();
        for (State state : states) {
            if (state.uid != null && !state.dead) {
                labels.put(state.name, state.node.labels());
            }
        }
        return labels;
    }

    /** The name of one of these nodes, the same string each time; null if it is none of these. */
    @Nullable
    String known(String name) {
        State state = byName.get(name);
        return state == null ? null : state.name;
    }

    /** Whether no node has anything to do now. */
    boolean resting() {
        return posts.resting() && renewals.resting();
    }

    /** The address of one of these nodes. */
    String address(String name) {
        return state(name).node.address();
    }

    private State state(String name) {
        State state = byName.get(name);
        if (state == null) {
            throw new IllegalArgumentException(name + " is not a node of this simulation");
        }
        return state;
    }

    /** The addresses of the pods on one of these nodes; asks the API for its range the first time. */
    PodAddresses podAddresses(String name) {
        State state = state(name);
        synchronized (state) {
            if (state.addresses != null) {
                return state.addresses;
            }
        }
        Node node = client.nodes().withName(name).get();
        String range = node == null || node.getSpec() == null
                ? ""
                : OrEmpty.of(node.getSpec().getPodCIDR());
        synchronized (state) {
            if (state.addresses == null) {
                PodAddresses addresses = PodAddresses.of(range, state.node.index(), settings.podsPerNode());
                state.kept.forEach(addresses::keep);
                state.kept = new HashMap<>();
                state.addresses = addresses;
            }
            return state.addresses;
        }
    }

    /** Leaves a pod on one of these nodes the address that it has. */
    void keep(String name, String pod, String address) {
        State state = state(name);
        synchronized (state) {
            if (state.addresses == null) {
                state.kept.put(pod, address);
            } else {
                state.addresses.keep(pod, address);
            }
        }
    }

    /** Frees a pod's address, if there is anything to free. */
    void release(String name, String pod) {
        State state = state(name);
        synchronized (state) {
            state.kept.remove(pod);
            if (state.addresses != null) {
                state.addresses.release(pod);
            }
        }
    }

    /** Registers a node, or posts its status once it is; says when that is due next. */
    private @Nullable Duration post(int index) throws InterruptedException {
        State state = states.get(index);
        pace.await();
        if (state.uid == null) {
            state.uid = register(state);
            registered.incrementAndGet();
            renewals.add(index);
        } else {
            Node now = client.nodes().withName(state.name).get();
            // Another one of its name is somebody else's.
            boolean same = now != null && state.uid.equals(now.getMetadata().getUid());
            if (!same || !postStatus(state, now)) {
                died(state);
                return null;
            }
        }
        return untilTurn(BETWEEN_STATUSES, index);
    }

    /** How long it is until a node's next turn. */
    private Duration untilTurn(Duration period, int index) {
        long periodMillis = period.toMillis();
        long turnMillis = periodMillis * index / Math.max(1, settings.count());
        long passedMillis = Duration.between(begun, time.instant()).toMillis();
        return Duration.ofMillis(periodMillis - Math.floorMod(passedMillis - turnMillis, periodMillis));
    }

    /** Renews a node's Lease; says when that is due next. */
    private @Nullable Duration renew(int index) {
        State state = states.get(index);
        String uid = state.uid;
        if (state.dead || uid == null) {
            return null;
        }
        Instant now = time.instant();
        renew(state, uid, now);
        if (state.dead) {
            return null;
        }
        Instant before = state.renewed;
        state.renewed = now;
        if (before != null && Duration.between(before, now).compareTo(HollowNode.LEASE_LASTS) > 0) {
            posts.add(index);
        }
        return untilTurn(BETWEEN_RENEWALS, index);
    }

    private String register(State state) {
        Instant now = time.instant();
        Node node;
        try {
            node = client.resource(state.node.node(now)).create();
            if (node.getStatus() == null
                    || OrEmpty.of(node.getStatus().getConditions()).isEmpty()) {
                boolean _ = postStatus(state, node);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            requireHollow(state);
            node = Patch.of(client, Node.class, new Key("", state.name))
                    .merge(Map.of("metadata", Map.of("labels", state.node.labels())));
            boolean _ = postStatus(state, node);
        }
        return node.getMetadata().getUid();
    }

    /** What is written to a node of a machine would make a cluster believe of it what is not so. */
    private void requireHollow(State state) {
        Node there = client.nodes().withName(state.name).get();
        if (there != null && !OrEmpty.of(there.getMetadata().getLabels()).containsKey(HollowNode.LABEL)) {
            throw new IllegalStateException("node " + state.name + " is there and has not the label " + HollowNode.LABEL
                    + ": it is left alone; choose another --prefix, or delete it");
        }
    }

    /**
     * Merges a node's status into what it has.
     *
     * @param before what it has
     * @return false if it is gone
     */
    private boolean postStatus(State state, Node before) {
        NodeStatus status = state.node.status(before.getStatus(), time.instant());
        try {
            Patch.of(client, before).status().strategic(Map.of("status", status));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private static void died(State state) {
        LOG.info("node {} was deleted", state.name);
        state.dead = true;
    }

    private void renew(State state, String uid, Instant now) {
        Lease known = state.lease;
        try {
            if (known == null) {
                state.lease = slim(client.resource(state.node.lease(uid, now)).create());
            } else {
                state.lease = slim(client.resource(new LeaseBuilder(known)
                                .editSpec()
                                .withRenewTime(
                                        now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC))
                                .endSpec()
                                .build())
                        .update());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND && known != null) {
                // With its node, as its owner, or alone.
                state.lease = null;
                Node node = client.nodes().withName(state.name).get();
                if (node == null || !uid.equals(node.getMetadata().getUid())) {
                    died(state);
                } else {
                    state.lease =
                            slim(client.resource(state.node.lease(uid, now)).create());
                }
            } else if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                state.lease = slim(takeOver(state, uid, now));
            } else {
                throw e;
            }
        }
    }

    /**
     * A Lease without what it is said of each of its fields who wrote it, which the API keeps anyway: half of its size.
     */
    private static Lease slim(Lease lease) {
        return new LeaseBuilder(lease)
                .editMetadata()
                .withManagedFields()
                .endMetadata()
                .build();
    }

    /** Renews a Lease that is there, of an earlier process say. */
    private Lease takeOver(State state, String uid, Instant now) {
        Lease wanted = state.node.lease(uid, now);
        return client.leases()
                .inNamespace(HollowNode.LEASES)
                .withName(state.name)
                .edit(lease -> new LeaseBuilder(lease)
                        .editMetadata()
                        .withOwnerReferences(wanted.getMetadata().getOwnerReferences())
                        .endMetadata()
                        .withSpec(wanted.getSpec())
                        .build());
    }

    @Override
    public void close() {
        posts.close();
        renewals.close();
    }
}
