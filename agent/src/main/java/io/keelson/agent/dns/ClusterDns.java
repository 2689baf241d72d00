package io.keelson.agent.dns;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The DNS of a cluster. It is made on caches before these start, listens from its {@linkplain #start start} on, and knows what is
 * not there once it is told that the caches are {@linkplain #complete complete}; before that, names of the cluster that it
 * does not know yet get {@code SERVFAIL}.
 *
 * <pre>{@code
 * Caches caches = new Caches(client, Caches.Delivery.PLAIN);
 * ClusterDns dns = new ClusterDns(settings, caches, time, registry);
 * dns.start();
 * caches.start();
 * dns.complete();
 * }</pre>
 *
 * <p>Or it has caches of its own, and does the last two by itself, {@linkplain #alone alone}.
 */
public final class ClusterDns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterDns.class);
    private static final int RECEIVERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
    private static final int CACHED_MAX = 9984;
    private static final long CACHED_OCTETS_MAX = 16L << 20;
    private static final Duration IDLE_MAX = Duration.ofSeconds(10);
    private static final Duration API_PAUSE = Duration.ofSeconds(1);
    private static final int PORT_TRIES = 20;

    private final DnsSettings settings;
    private final ServiceIndex index;
    private final DnsMetrics metrics;
    private final List<Forwarder> forwarders = new ArrayList<>();
    private final QueryHandler handler;
    private final List<AutoCloseable> listeners = new CopyOnWriteArrayList<>();
    private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
    private @Nullable Caches own;
    private @Nullable Thread filling;

    /**
     * A server that does not listen yet.
     *
     * @param caches that have not started
     * @param registry where its figures are counted
     */
    public ClusterDns(DnsSettings settings, Caches caches, Time time, PrometheusRegistry registry) {
        this.settings = settings;
        InetSocketAddress first = settings.listen().getFirst();
        metrics = new DnsMetrics(registry, "dns://:" + first.getPort());
        index = new ServiceIndex(caches, time, settings.pods() == PodRecords.VERIFIED);
        DnsSettings.Forwarding forwarding = settings.forwarding();
        SecureRandom random = new SecureRandom();
        LoopProbe probe = new LoopProbe(random);
        Forwarder others = forwarder(servers(forwarding, time), probe, random);
        Map<DnsName, Forwarder> stubs = new HashMap<>();
        forwarding
                .stubDomains()
                .forEach((zone, servers) -> stubs.put(DnsName.parse(zone), forwarder(() -> servers, probe, random)));
        AnswerCache cache = new AnswerCache(time, forwarding.cacheSecondsMax(), CACHED_MAX, CACHED_OCTETS_MAX);
        metrics.observe(cache);
        ClusterZone zone = new ClusterZone(
                index,
                DnsName.parse(settings.clusterDomain()),
                settings.pods(),
                settings.seconds(),
                settings.servedAt());
        handler = new QueryHandler(new Resolver(hosts(time), zone, cache, stubs, others, metrics), probe, metrics);
    }

    /** The same with caches of its own, which it fills as soon as the API can be read. */
    public static ClusterDns alone(
            DnsSettings settings, KubernetesClient client, Time time, PrometheusRegistry registry) {
        Caches caches = new Caches(client, Caches.Delivery.PLAIN);
        ClusterDns dns = new ClusterDns(settings, caches, time, registry);
        dns.own = caches;
        return dns;
    }

    private Forwarder forwarder(Supplier<List<InetSocketAddress>> servers, LoopProbe probe, SecureRandom random) {
        DnsSettings.Forwarding forwarding = settings.forwarding();
        Forwarder forwarder = new Forwarder(
                servers,
                addresses::contains,
                forwarding.policy(),
                forwarding.concurrentMax(),
                forwarding.tryMax(),
                random,
                metrics,
                probe);
        forwarders.add(forwarder);
        return forwarder;
    }

    private static Supplier<List<InetSocketAddress>> servers(DnsSettings.Forwarding forwarding, Time time) {
        if (!forwarding.servers().isEmpty()) {
            return forwarding::servers;
        }
        return new WatchedFile<>(forwarding.resolvConf(), ResolvConf::parse, time)::content;
    }

    private Supplier<HostsFile> hosts(Time time) {
        Path file = settings.hostsFile();
        return file == null ? () -> HostsFile.EMPTY : new WatchedFile<>(file, HostsFile::parse, time)::content;
    }

    /**
     * Takes questions from now on.
     *
     * @throws IOException if an address is taken, or none of this machine; the text says which. Nothing is left open then
     */
    public synchronized void start() throws IOException {
        try {
            for (InetSocketAddress address : settings.listen()) {
                listen(address);
            }
        } catch (IOException | RuntimeException e) {
            closeListeners();
            throw e;
        }
        forwarders.forEach(Forwarder::open);
        LOG.info("the DNS of {} listens on {}", settings.clusterDomain(), addresses);
        Caches caches = own;
        if (caches != null) {
            filling = Thread.ofVirtual().name("dns-fill").start(() -> fill(caches));
        }
    }

    private void listen(InetSocketAddress address) throws IOException {
        // A port that was free by UDP may be taken by TCP.
        for (int tries = 0; ; tries++) {
            DatagramListener datagrams;
            try {
                datagrams = new DatagramListener(address, handler, RECEIVERS);
            } catch (IOException e) {
                throw new IOException("cannot listen on " + address + " by UDP: " + e.getMessage(), e);
            }
            try {
                listeners.add(new StreamListener(datagrams.address(), handler, IDLE_MAX));
                listeners.add(datagrams);
                addresses.add(datagrams.address());
                return;
            } catch (IOException e) {
                datagrams.close();
                if (address.getPort() != 0 || tries == PORT_TRIES) {
                    throw new IOException("cannot listen on " + address + " by TCP: " + e.getMessage(), e);
                }
            }
        }
    }

    private void fill(Caches caches) {
        try {
            while (true) {
                try {
                    caches.start();
                    complete();
                    return;
                } catch (KubernetesClientException e) {
                    LOG.warn("the Services of the cluster cannot be read: {}", e.getMessage());
                    Thread.sleep(API_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells that the caches are filled: what is not known from now on is not there. */
    public void complete() {
        index.complete();
    }

    /** Whether it knows the whole cluster. */
    public boolean isReady() {
        return index.isComplete();
    }

    /** Where it listens, with the ports that were taken; empty before the start. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    private void closeListeners() {
        for (AutoCloseable listener : listeners) {
            try {
                listener.close();
            } catch (Exception e) {
                LOG.warn("closing the DNS: {}", e.getMessage());
            }
        }
        listeners.clear();
        addresses.clear();
    }

    /** Takes no more questions. */
    @Override
    public synchronized void close() {
        closeListeners();
        forwarders.forEach(Forwarder::close);
        if (filling != null) {
            filling.interrupt();
        }
        if (own != null) {
            own.close();
        }
    }
}
