package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.LoadBalancerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.LoadBalancers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A cloud that outlives the processes that ask it: what it was asked for, and what there is. */
final class RecordingBalancers implements LoadBalancers {
    /** Each call as {@code verb uid}: other tests have Services of the same names. */
    final List<String> calls = new CopyOnWriteArrayList<>();

    /** For each load balancer, by the Service's uid, the names of its nodes. */
    final Map<String, List<String>> nodes = new ConcurrentHashMap<>();

    final AtomicInteger recoveries = new AtomicInteger();
    volatile @Nullable CloudException problem;
    volatile @Nullable CloudException updateProblem;

    private void note(String verb, Service service) {
        calls.add(verb + ' ' + uid(service));
        CloudException current = verb.equals("update") ? updateProblem : problem;
        if (current != null && !verb.equals("find")) {
            throw current;
        }
    }

    private static String uid(Service service) {
        return service.getMetadata().getUid();
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(node -> node.getMetadata().getName()).toList();
    }

    static LoadBalancerStatus status(Service service) {
        int number = Math.floorMod(uid(service).hashCode(), 250) + 1;
        return new LoadBalancerStatusBuilder()
                .addNewIngress()
                .withIp("203.0.113." + number)
                .endIngress()
                .build();
    }

    @Override
    public void recover(String cluster, List<Service> services) {
        recoveries.incrementAndGet();
    }

    @Override
    public Optional<LoadBalancerStatus> find(String cluster, Service service) {
        note("find", service);
        return nodes.containsKey(uid(service)) ? Optional.of(status(service)) : Optional.empty();
    }

    @Override
    public LoadBalancerStatus ensure(String cluster, Service service, List<Node> backends) {
        note("ensure", service);
        nodes.put(uid(service), names(backends));
        return status(service);
    }

    @Override
    public void update(String cluster, Service service, List<Node> backends) {
        note("update", service);
        nodes.put(uid(service), names(backends));
    }

    @Override
    public void delete(String cluster, Service service) {
        note("delete", service);
        nodes.remove(uid(service));
    }

    /** How often a verb was called about a Service. */
    long count(String verb, String uid) {
        return calls.stream().filter((verb + ' ' + uid)::equals).count();
    }
}
