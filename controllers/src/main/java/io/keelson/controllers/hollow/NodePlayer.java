package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.OrEmpty;
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
 * Keeps the hollow nodes alive: registers each, or takes over one of its name, renews its Lease every ten seconds and posts
 * its status every five minutes, as a kubelet whose node does not change. The moments of the nodes are spread evenly.
 *
 * <p>A node that a user deletes is dead: it is not registered again until the process is started anew.
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

    /** A node at work; what may be null is not known yet. */
    private static final class State {
        private final HollowNode node;
        private volatile @Nullable String uid;
        private volatile boolean dead;
        private Instant since = Instant.EPOCH;
        /** Who renews has these two. */
        private @Nullable Lease lease;

        private volatile Instant renewalDue = Instant.EPOCH;
        /** Guarded by this object. */
        private @Nullable PodAddresses addresses;

        private State(HollowNode node) {
            this.node = node;
        }
    }

    NodePlayer(HollowSettings settings, KubernetesClient client, Time time, Pace pace) {
        this.settings = settings;
        this.client = client;
        this.time = time;
        this.pace = pace;
        posts = new Workers<>("hollow-nodes", POSTING_WORKERS, time, this::post);
        renewals = new Workers<>("hollow-leases", RENEWING_WORKERS, time, this::renew);
        for (int i = 0; i < settings.count(); i++) {
            State state = new State(new HollowNode(settings, i));
            states.add(state);
            byName.put(state.node.name(), state);
        }
    }

    /** Begins to register nodes. */
    void start() {
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
                labels.put(state.node.name(), state.node.labels());
            }
        }
        return labels;
    }

    /** Whether a node is one of these. */
    boolean has(String name) {
        return byName.containsKey(name);
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
                state.addresses = PodAddresses.of(range, state.node.index(), settings.podsPerNode());
            }
            return state.addresses;
        }
    }

    /** Frees a pod's address, if there is anything to free. */
    void release(String name, String pod) {
        State state = state(name);
        synchronized (state) {
            if (state.addresses != null) {
                state.addresses.release(pod);
            }
        }
    }

    /** Registers a node, or posts its status once it is; says when that is due next. */
    private @Nullable Duration post(int index) throws InterruptedException {
        State state = states.get(index);
        pace.await();
        if (state.uid != null) {
            postStatus(state);
            return state.dead ? null : BETWEEN_STATUSES;
        }
        state.uid = register(state);
        registered.incrementAndGet();
        Instant now = time.instant();
        // The first renewals of all are spread over one period, and keep their distance from then on.
        state.renewalDue = now.plus(part(BETWEEN_RENEWALS, index));
        renewals.add(index);
        return part(BETWEEN_STATUSES, index + 1);
    }

    private Duration part(Duration period, int index) {
        return Duration.ofMillis(period.toMillis() * index / Math.max(1, settings.count()));
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
        while (!state.renewalDue.isAfter(now)) {
            state.renewalDue = state.renewalDue.plus(BETWEEN_RENEWALS);
        }
        return Duration.between(time.instant(), state.renewalDue);
    }

    private String register(State state) {
        Instant now = time.instant();
        state.since = now;
        Node node;
        try {
            node = client.resource(state.node.node(now)).create();
            if (node.getStatus() == null
                    || OrEmpty.of(node.getStatus().getConditions()).isEmpty()) {
                postStatus(state);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            node = client.nodes()
                    .withName(state.node.name())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization()
                                    .asJson(Map.of("metadata", Map.of("labels", state.node.labels()))));
            postStatus(state);
        }
        return node.getMetadata().getUid();
    }

    private void postStatus(State state) {
        NodeStatus status = state.node.status(state.since, time.instant());
        try {
            client.nodes()
                    .withName(state.node.name())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.STRATEGIC_MERGE),
                            client.getKubernetesSerialization().asJson(Map.of("status", status)));
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND || state.uid == null) {
                throw e;
            }
            LOG.info("node {} was deleted", state.node.name());
            state.dead = true;
        }
    }

    private void renew(State state, String uid, Instant now) {
        Lease known = state.lease;
        try {
            if (known == null) {
                state.lease = client.resource(state.node.lease(uid, now)).create();
            } else {
                state.lease = client.resource(new LeaseBuilder(known)
                                .editSpec()
                                .withRenewTime(
                                        now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC))
                                .endSpec()
                                .build())
                        .update();
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND && known != null) {
                state.lease = client.resource(state.node.lease(uid, now)).create();
            } else if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                state.lease = takeOver(state, uid, now);
            } else {
                throw e;
            }
        }
    }

    /** Renews a Lease that is there, of an earlier process say. */
    private Lease takeOver(State state, String uid, Instant now) {
        Lease wanted = state.node.lease(uid, now);
        return client.leases()
                .inNamespace(HollowNode.LEASES)
                .withName(state.node.name())
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
