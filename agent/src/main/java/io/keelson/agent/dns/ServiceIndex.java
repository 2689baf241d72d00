package io.keelson.agent.dns;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Services and their endpoints, laid out for questions. When a Service or one of its slices changes, what that Service has
 * under its name is made anew, by whoever tells of the change; nothing else is. Any thread.
 */
final class ServiceIndex implements ClusterNames {
    private static final String SERVICE = "dns-service";
    private static final String ADDRESS = "dns-address";
    private static final String SERVICE_NAME_LABEL = "kubernetes.io/service-name";

    private final Map<Key, ServiceNames> names = new ConcurrentHashMap<>();
    private final Cache<Service> services;
    private final Cache<EndpointSlice> slices;
    private final @Nullable Cache<Pod> pods;
    private final Time time;
    private volatile int serial;
    private volatile boolean isComplete;

    /**
     * Follows the API from the start of these caches on.
     *
     * @param withPods whether pods can be found, too; it costs the memory for all pods of the cluster
     */
    ServiceIndex(Caches caches, Time time, boolean withPods) {
        this.time = time;
        services = caches.of(Service.class);
        slices = caches.of(EndpointSlice.class);
        services.index(ADDRESS, service -> ServiceNames.clusterAddresses(service.getSpec()));
        slices.index(SERVICE, slice -> List.of(serviceOf(slice).toString()));
        slices.index(ADDRESS, ServiceIndex::namedAddresses);
        pods = withPods ? caches.of(Pod.class) : null;
        if (pods != null) {
            pods.index(ADDRESS, ServiceIndex::addresses);
        }
        serial = now();
        caches.listen(Service.class, change -> changed(Key.of(change.object())));
        caches.listen(EndpointSlice.class, this::sliceChanged);
    }

    private static Key serviceOf(EndpointSlice slice) {
        String name = OrEmpty.of(slice.getMetadata().getLabels()).getOrDefault(SERVICE_NAME_LABEL, "");
        return new Key(slice.getMetadata().getNamespace(), name);
    }

    private static List<String> namedAddresses(EndpointSlice slice) {
        List<String> addresses = new ArrayList<>();
        for (var endpoint : OrEmpty.of(slice.getEndpoints())) {
            if (!OrEmpty.of(endpoint.getHostname()).isEmpty()) {
                addresses.addAll(OrEmpty.of(endpoint.getAddresses()));
            }
        }
        return addresses;
    }

    private static List<String> addresses(Pod pod) {
        if (Pods.isTerminal(pod) || pod.getStatus() == null) {
            return List.of();
        }
        List<String> addresses = new ArrayList<>();
        OrEmpty.of(pod.getStatus().getPodIPs()).forEach(address -> addresses.add(OrEmpty.of(address.getIp())));
        if (addresses.isEmpty()) {
            addresses.add(OrEmpty.of(pod.getStatus().getPodIP()));
        }
        return addresses;
    }

    private void sliceChanged(Change<EndpointSlice> change) {
        Key now = serviceOf(change.object());
        changed(now);
        if (change.before() != null && !serviceOf(change.before()).equals(now)) {
            changed(serviceOf(change.before()));
        }
    }

    /** Both caches are read while the entry is held, so that whoever comes last has seen the newest of both. */
    private void changed(Key key) {
        names.compute(key, (ignored, before) -> {
            Service service = services.get(key);
            return service == null || service.getSpec() == null
                    ? null
                    : ServiceNames.of(service, slices.indexed(SERVICE, key.toString()));
        });
        serial = now();
    }

    private int now() {
        return (int) time.instant().getEpochSecond();
    }

    /** From now on, what is not known is not there. */
    void complete() {
        isComplete = true;
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public @Nullable ServiceNames service(String namespace, String name) {
        return names.get(new Key(namespace, name));
    }

    @Override
    public List<ServiceNames> withClusterAddress(String address) {
        List<ServiceNames> found = new ArrayList<>();
        for (Service service : services.indexed(ADDRESS, address)) {
            add(found, Key.of(service));
        }
        return found;
    }

    @Override
    public List<ServiceNames> withNamedEndpoint(String address) {
        List<ServiceNames> found = new ArrayList<>();
        slices.indexed(ADDRESS, address).stream()
                .map(ServiceIndex::serviceOf)
                .distinct()
                .forEach(key -> add(found, key));
        return found;
    }

    private void add(List<ServiceNames> found, Key key) {
        ServiceNames known = names.get(key);
        if (known != null) {
            found.add(known);
        }
    }

    @Override
    public boolean hasPod(String namespace, String address) {
        return pods != null
                && pods.indexed(ADDRESS, address).stream()
                        .anyMatch(pod -> pod.getMetadata().getNamespace().equals(namespace));
    }

    @Override
    public int serial() {
        return serial;
    }
}
