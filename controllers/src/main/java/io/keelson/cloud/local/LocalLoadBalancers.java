package io.keelson.cloud.local;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.LoadBalancerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.LoadBalancers;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Load balancers in this process, by the uids of their Services. */
final class LocalLoadBalancers implements LoadBalancers, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLoadBalancers.class);

    private final LocalSettings settings;
    private final AddressPool pool;
    private final AddressChoice choice;
    private final Announcer announcer;
    private final Semaphore room;
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    private record Running(Balancer balancer, List<IpAddress> addresses) {}

    LocalLoadBalancers(LocalSettings settings, IpCommand ip, BooleanSupplier leads) {
        this.settings = settings;
        pool = new AddressPool(settings.addresses());
        choice = new AddressChoice(pool);
        announcer = new Announcer(
                new AddressPlacement(settings.networkInterface(), ip), settings.networkInterface(), leads);
        room = new Semaphore(settings.maxConnections());
    }

    /** Of two Services that say that they have the same address, the older one has it. */
    @Override
    public void recover(String cluster, List<Service> services) {
        List<Service> eldestFirst = new ArrayList<>(services);
        eldestFirst.sort(Comparator.comparing(
                        (Service service) -> OrEmpty.of(service.getMetadata().getCreationTimestamp()))
                .thenComparing(LocalLoadBalancers::uid));
        for (Service service : eldestFirst) {
            for (IpAddress address : told(service)) {
                if (pool.held(uid(service), address.isV6()).isEmpty() && !pool.take(uid(service), address)) {
                    LOG.warn(
                            "{}/{} says that it has {}, which is not free: it gets another one",
                            service.getMetadata().getNamespace(),
                            service.getMetadata().getName(),
                            address);
                }
            }
        }
    }

    private static List<IpAddress> told(Service service) {
        if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
            return List.of();
        }
        List<IpAddress> addresses = new ArrayList<>();
        for (LoadBalancerIngress ingress :
                OrEmpty.of(service.getStatus().getLoadBalancer().getIngress())) {
            IpAddress address = IpAddress.parse(ingress.getIp());
            if (address != null) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    private static String uid(Service service) {
        return service.getMetadata().getUid();
    }

    @Override
    public Optional<LoadBalancerStatus> find(String cluster, Service service) {
        Running known = running.get(uid(service));
        if (known != null) {
            return Optional.of(status(known.addresses()));
        }
        List<IpAddress> held = new ArrayList<>();
        pool.held(uid(service), false).ifPresent(held::add);
        pool.held(uid(service), true).ifPresent(held::add);
        return held.isEmpty() ? Optional.empty() : Optional.of(status(held));
    }

    private LoadBalancerStatus status(List<IpAddress> addresses) {
        return new LoadBalancerStatusBuilder()
                .withIngress(addresses.stream()
                        .map(address -> new LoadBalancerIngressBuilder()
                                .withIp(address.toString())
                                .withIpMode(settings.ipMode())
                                .build())
                        .toList())
                .build();
    }

    /**
     * A Service that moves keeps what it answers at, and what it says that it answers at, until it answers at the new
     * address: if that fails, others must not have the old one.
     */
    @Override
    public LoadBalancerStatus ensure(String cluster, Service service, List<Node> nodes) {
        String uid = uid(service);
        Running before = running.get(uid);
        List<IpAddress> addresses = choice.of(service);
        Set<IpAddress> all = new LinkedHashSet<>(addresses);
        if (before != null) {
            all.addAll(before.addresses());
        }
        Set<IpAddress> held = new LinkedHashSet<>(all);
        held.addAll(told(service));
        pool.keep(uid, held);
        Plan plan = Plan.of(service, addresses, nodes);
        Balancer balancer = before == null ? new Balancer(settings, room, plan) : before.balancer();
        // Even if not all of it comes about it is there from now on, and has to be taken away some time.
        running.put(uid, new Running(balancer, List.copyOf(all)));
        for (IpAddress address : addresses) {
            try {
                announcer.bring(address);
            } catch (IOException e) {
                throw new CloudException(
                        "cannot put " + address + " on interface " + settings.networkInterface() + ": "
                                + e.getMessage(),
                        e);
            }
        }
        balancer.follow(plan);
        running.put(uid, new Running(balancer, addresses));
        pool.keep(uid, addresses);
        all.stream().filter(address -> !addresses.contains(address)).forEach(this::takeAway);
        return status(addresses);
    }

    private void takeAway(IpAddress address) {
        if (pool.isTaken(address)) {
            // It is another one's by now.
            return;
        }
        try {
            announcer.take(address);
            if (pool.isTaken(address)) {
                // Another one has got it since, and may have found it in its place still.
                announcer.bring(address);
            }
        } catch (IOException e) {
            LOG.warn("{} stays on {} for a minute: {}", address, settings.networkInterface(), e.getMessage());
        }
    }

    @Override
    public void update(String cluster, Service service, List<Node> nodes) {
        Running known = running.get(uid(service));
        if (known == null) {
            throw new CloudException("there is no load balancer of "
                    + service.getMetadata().getNamespace() + '/'
                    + service.getMetadata().getName() + " in this process");
        }
        known.balancer().follow(known.balancer().plan().with(nodes));
    }

    @Override
    public void delete(String cluster, Service service) {
        Running known = running.remove(uid(service));
        if (known != null) {
            known.balancer().close();
        }
        // Only when nobody listens there any more may another one have it.
        Set<IpAddress> held = pool.held(uid(service));
        if (known != null) {
            held.addAll(known.addresses());
        }
        pool.release(uid(service));
        held.forEach(this::takeAway);
    }

    @Override
    public void close() {
        running.values().forEach(each -> each.balancer().close());
        running.clear();
        announcer.close();
    }
}
