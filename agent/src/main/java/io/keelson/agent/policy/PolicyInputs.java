package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows policies, and from the first one on pods and namespaces, and keeps the table up with them, and with what the runtime
 * says of pods here. Any thread; the table only with {@link #lock}.
 */
final class PolicyInputs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyInputs.class);
    private static final Duration API_PAUSE = Duration.ofSeconds(1);

    private final String node;
    private final Runnable changed;
    private final Caches policyCaches;
    private final Caches podCaches;
    private final Cache<NetworkPolicy> policies;
    private final Cache<Pod> pods;
    private final Cache<Namespace> namespaces;
    private final List<Thread> filling = new ArrayList<>();
    private final Object lock = new Object();
    private final PolicyTable table = new PolicyTable();
    /** What the runtime said of pods here, which the API may not know yet. */
    private final Map<Key, Told> told = new HashMap<>();

    private boolean arePoliciesKnown;
    private boolean arePodsAsked;
    private boolean arePodsKnown;
    private boolean isClosed;
    private long version;

    private record Told(Pod pod, List<String> addresses) {
        boolean isOf(Pod other) {
            return PolicyPod.uid(pod).equals(PolicyPod.uid(other));
        }
    }

    /** @param changed is told when the table may be another, or is known; must be quick */
    PolicyInputs(String node, KubernetesClient client, Runnable changed) {
        this.node = node;
        this.changed = changed;
        policyCaches = new Caches(client, Caches.Delivery.PLAIN);
        policies = policyCaches.listen(NetworkPolicy.class, this::policyChanged);
        podCaches = new Caches(client, Caches.Delivery.PLAIN);
        podCaches.narrow(Pod.class, new Caches.Interest<>("", Map.of(), PolicyPod::trim));
        pods = podCaches.listen(Pod.class, this::podChanged);
        namespaces = podCaches.listen(Namespace.class, this::namespaceChanged);
    }

    /** Begins to follow the API. */
    void start() {
        fill("policy-fill", policyCaches, this::policiesAreKnown);
    }

    /** What the table may be looked at with, and with what somebody waits for it. */
    Object lock() {
        return lock;
    }

    /** What is to be in the kernel, as far as it {@linkplain #isKnown is known}. */
    PolicyTable table() {
        return table;
    }

    /** Whether the table is made of all that there is. */
    boolean isKnown() {
        return arePoliciesKnown && (arePodsKnown || table.policyCount() == 0);
    }

    /** How many policies there are. */
    int policyCount() {
        synchronized (lock) {
            return table.policyCount();
        }
    }

    /** How many addresses of pods of this node are isolated in a direction. */
    int isolatedCount(Direction direction) {
        synchronized (lock) {
            return table.isolatedCount(direction);
        }
    }

    private void fill(String name, Caches caches, Runnable then) {
        synchronized (lock) {
            if (!isClosed) {
                filling.add(Thread.ofVirtual().name(name).start(() -> fill(caches, then)));
            }
        }
    }

    private static void fill(Caches caches, Runnable then) {
        try {
            while (true) {
                try {
                    caches.start();
                    then.run();
                    return;
                } catch (KubernetesClientException e) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    LOG.warn("what network policies need cannot be read, and is tried again: {}", cause.toString());
                    Thread.sleep(API_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    private void policiesAreKnown() {
        List<NetworkPolicy> all = policies.all();
        synchronized (lock) {
            all.forEach(policy -> refreshPolicy(Key.of(policy)));
            arePoliciesKnown = true;
            askForPods();
        }
        changed.run();
    }

    private void podsAreKnown() {
        List<Namespace> allNamespaces = namespaces.all();
        List<Pod> all = pods.all();
        synchronized (lock) {
            allNamespaces.forEach(
                    namespace -> refreshNamespace(namespace.getMetadata().getName()));
            all.forEach(pod -> refreshPod(Key.of(pod)));
            arePodsKnown = true;
        }
        changed.run();
    }

    /** Once there is a policy. */
    private void askForPods() {
        if (!arePodsAsked && table.policyCount() > 0) {
            arePodsAsked = true;
            fill("policy-pods-fill", podCaches, this::podsAreKnown);
        }
    }

    private void policyChanged(Change<NetworkPolicy> change) {
        synchronized (lock) {
            refreshPolicy(Key.of(change.object()));
            askForPods();
        }
        tell();
    }

    /** What the cache has now counts: what a change tells of may be older. */
    private void refreshPolicy(Key key) {
        NetworkPolicy policy = policies.get(key);
        if (policy == null) {
            table.removePolicy(key);
        } else {
            table.setPolicy(policy, complaint -> LOG.warn("the network policy {}: {}", key, complaint));
        }
    }

    private void namespaceChanged(Change<Namespace> change) {
        synchronized (lock) {
            refreshNamespace(change.object().getMetadata().getName());
        }
        tell();
    }

    private void refreshNamespace(String name) {
        Namespace namespace = namespaces.get("", name);
        if (namespace == null) {
            table.removeNamespace(name);
        } else {
            table.setNamespace(name, OrEmpty.of(namespace.getMetadata().getLabels()));
        }
    }

    private void podChanged(Change<Pod> change) {
        Key key = Key.of(change.object());
        synchronized (lock) {
            Told said = told.get(key);
            if (change.deleted() && said != null && said.isOf(change.object())) {
                told.remove(key);
            }
            refreshPod(key);
        }
        tell();
    }

    private void refreshPod(Key key) {
        Pod pod = pods.get(key);
        Told said = told.get(key);
        if (said != null && pod != null && isOver(said, pod)) {
            told.remove(key);
            said = null;
        }
        if (said != null) {
            Pod newest = pod != null && said.isOf(pod) ? pod : said.pod();
            table.setPod(PolicyPod.of(newest, node, said.addresses(), true));
        } else if (pod != null) {
            table.setPod(PolicyPod.of(pod, node));
        } else {
            table.removePod(key);
        }
    }

    /** Whether what was told of a pod means nothing any more, as the API has a later one, or knows that it has ended. */
    private static boolean isOver(Told said, Pod pod) {
        return said.isOf(pod) ? PolicyPod.hasNoTraffic(pod) : created(pod).compareTo(created(said.pod())) > 0;
    }

    private static String created(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getCreationTimestamp());
    }

    /** Tells that the table is another, if it is. */
    private void tell() {
        synchronized (lock) {
            long now = table.content().version();
            if (now == version) {
                return;
            }
            version = now;
        }
        changed.run();
    }

    /** The runtime has given a pod of this node these addresses; returns the version of the table that has them. */
    long tell(Pod pod, List<String> addresses) {
        Key key = Key.of(pod);
        long now;
        synchronized (lock) {
            told.put(key, new Told(pod, List.copyOf(addresses)));
            refreshPod(key);
            now = table.content().version();
        }
        tell();
        return now;
    }

    /** The addresses that were told of a pod are its no more. */
    void forget(Pod pod) {
        Key key = Key.of(pod);
        synchronized (lock) {
            Told said = told.get(key);
            if (said == null || !said.isOf(pod)) {
                return;
            }
            told.remove(key);
            refreshPod(key);
        }
        tell();
    }

    @Override
    public void close() {
        synchronized (lock) {
            isClosed = true;
            filling.forEach(Thread::interrupt);
        }
        policyCaches.close();
        podCaches.close();
    }
}
