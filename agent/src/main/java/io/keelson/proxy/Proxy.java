package io.keelson.proxy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.TriggerTimes;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.conntrack.FlowCleaner;
import io.keelson.proxy.conntrack.FlowTable;
import io.keelson.proxy.conntrack.StaleFlows;
import io.keelson.proxy.health.HealthCheckPorts;
import io.keelson.proxy.health.ProxyHealth;
import io.keelson.proxy.nft.NftForwarding;
import io.keelson.proxy.nft.TableWatch;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.userspace.UserspaceForwarding;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy of a node: follows Services and their endpoints, and lets the kernel lead packets to them. When it ends,
 * the kernel goes on with what it has.
 */
public final class Proxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

    private final KubernetesClient client;
    private final ProxySettings settings;
    private final Machine machine;
    private final Time time;
    private final ProxyMetrics metrics;
    private final ProxyHealth health;
    private final Inbox inbox = new Inbox();
    private final Deque<Runnable> opened = new ArrayDeque<>();
    private @Nullable Thread thread;
    private volatile boolean isUserspace;

    /** Nothing is done before it is started. */
    public Proxy(
            KubernetesClient client,
            ProxySettings settings,
            Machine machine,
            Time time,
            ProxyMetrics metrics,
            ProxyHealth health) {
        this.client = client;
        this.settings = settings;
        this.machine = machine;
        this.time = time;
        this.metrics = metrics;
        this.health = health;
        isUserspace = settings.isUserspace();
    }

    /**
     * Follows the API from now on, and returns when rules for all that there is are about to be written.
     *
     * @throws IOException if this machine's kernel cannot be used in any way; its text says why
     */
    public void start() throws IOException, InterruptedException {
        Map<Family, StaleFlows> flows = new EnumMap<>(Family.class);
        for (Family family : Family.values()) {
            flows.put(family, new StaleFlows());
        }
        prepare(machine, settings);
        List<NftFamily> kernels = new ArrayList<>();
        Map<Family, Forwarding> forwardings = new EnumMap<>(Family.class);
        try {
            openNft(forwardings, kernels);
        } catch (NetlinkException e) {
            LOG.warn(
                    "the kernel takes no nftables rules with address translation ({}); it needs CONFIG_NF_TABLES and"
                            + " CONFIG_NFT_NAT, and this process CAP_NET_ADMIN. This process forwards to cluster IPs"
                            + " itself, which is slower: TCP and UDP only, with the node's address as the source, and"
                            + " neither node ports nor addresses from outside",
                    e.getMessage());
            isUserspace = true;
        }
        if (isUserspace) {
            openUserspace(forwardings);
        }
        ObservedNode node = new ObservedNode(settings, machine);
        FlowThread cleaning = new FlowThread(
                isUserspace ? Map.of() : cleaners(forwardings.keySet(), flows),
                address -> node.nodePortAddresses().contains(address),
                metrics);
        opened.push(cleaning::close);
        List<FamilyRules> families = new ArrayList<>();
        forwardings.forEach((family, forwarding) -> families.add(new FamilyRules(
                family, settings, forwarding, flows.getOrDefault(family, new StaleFlows()), cleaning::wake)));
        metrics.waiting(List.copyOf(forwardings.keySet()), inbox::waiting);
        watch(kernels);
        HealthCheckPorts checks = new HealthCheckPorts(
                InetAddress.ofLiteral(forwardings.containsKey(Family.IPV6) ? "::" : "0.0.0.0"), health);
        ProxyLoop loop = new ProxyLoop(inbox, settings, node, families, checks, health, metrics, time);
        follow();
        thread = Thread.ofPlatform().daemon().name("proxy").start(loop);
    }

    /** Listens to what others do to the tables. */
    private void watch(List<NftFamily> kernels) throws NetlinkException {
        if (!kernels.isEmpty()) {
            Set<Integer> own = new HashSet<>();
            kernels.forEach(kernel -> own.add(kernel.port()));
            TableWatch watch =
                    new TableWatch(machine.open(NetlinkSocket.NETFILTER), own, NftForwarding.TABLE, inbox::check);
            opened.push(watch::close);
            kernels.forEach(kernel -> kernel.watchedBy(watch));
        }
    }

    /** Sets what packets need of the machine besides rules; that it cannot be set is told, and ends nothing. */
    public static void prepare(Machine machine, ProxySettings settings) {
        settings.conntrack().set(machine.sys(), Runtime.getRuntime().availableProcessors());
        if (settings.servesLoopback()) {
            Path file = machine.sys().resolve("net/ipv4/conf/all/route_localnet");
            try {
                Files.writeString(file, "1");
            } catch (IOException e) {
                LOG.warn("node ports cannot be reached at 127.0.0.1: {} cannot be set: {}", file, e.getMessage());
            }
        }
        Path bridges = machine.sys().resolve("net/bridge/bridge-nf-call-iptables");
        try {
            if (Files.exists(bridges) && !Files.readString(bridges).strip().equals("1")) {
                LOG.warn("{} is not 1: pods of one bridge do not reach each other by Services", bridges);
            }
        } catch (IOException e) {
            LOG.info("{} cannot be read: {}", bridges, e.getMessage());
        }
    }

    /** IPv6 is left out on a machine without. */
    private void openNft(Map<Family, Forwarding> forwardings, List<NftFamily> kernels) throws NetlinkException {
        if (isUserspace) {
            return;
        }
        for (Family family : Family.values()) {
            NetlinkSocket socket = machine.open(NetlinkSocket.NETFILTER);
            try {
                NftForwarding.probe(socket, family);
            } catch (NetlinkException e) {
                socket.close();
                if (family == Family.IPV4) {
                    throw e;
                }
                LOG.info("nothing is forwarded by {}: the kernel takes no such rules: {}", family, e.getMessage());
                continue;
            }
            NftFamily nft = new NftFamily(socket, settings.table(family, List.of(), List.of()));
            opened.push(nft::close);
            forwardings.put(family, nft);
            kernels.add(nft);
        }
    }

    private void openUserspace(Map<Family, Forwarding> forwardings) throws NetlinkException {
        for (Family family : Family.values()) {
            Forwarding own = UserspaceForwarding.of(machine.open(NetlinkSocket.ROUTE), time);
            opened.push(own::close);
            forwardings.put(family, own);
        }
    }

    private Map<Family, FlowCleaner> cleaners(Set<Family> families, Map<Family, StaleFlows> flows)
            throws NetlinkException {
        Map<Family, FlowCleaner> cleaners = new EnumMap<>(Family.class);
        for (Family family : families) {
            NetlinkSocket socket = machine.open(NetlinkSocket.NETFILTER);
            opened.push(socket::close);
            cleaners.put(
                    family,
                    new FlowCleaner(new FlowTable(socket), flows.getOrDefault(family, new StaleFlows()), family));
        }
        return cleaners;
    }

    private void follow() throws InterruptedException {
        Caches caches = new Caches(client, Caches.Delivery.PLAIN);
        opened.push(caches::close);
        String ours = "!" + ServicePort.PROXY_NAME_LABEL + ",!" + ServicePort.HEADLESS_LABEL;
        caches.narrow(Service.class, new Caches.Interest<>(ours, Map.of(), Proxy::trim));
        caches.narrow(EndpointSlice.class, new Caches.Interest<>(ours, Map.of(), Proxy::trim));
        caches.narrow(Node.class, new Caches.Interest<>("", Map.of("metadata.name", settings.nodeName()), Proxy::trim));
        Cache<Service> services = caches.listen(Service.class, inbox::service);
        Cache<EndpointSlice> slices = caches.listen(EndpointSlice.class, inbox::slice);
        Cache<Node> nodes = caches.listen(Node.class, inbox::node);
        Cache<ServiceCIDR> ranges = caches.listen(ServiceCIDR.class, inbox::range);
        caches.start();
        // What was there at the start is told by other threads: the first rules must not be written without some of it.
        inbox.fill(services.all(), slices.all(), ranges.all(), nodes.all());
    }

    private static void trim(Service service) {
        service.getMetadata().setAnnotations(null);
        service.getMetadata().setOwnerReferences(null);
        if (service.getSpec() != null) {
            service.getSpec().setSelector(null);
        }
    }

    private static void trim(EndpointSlice slice) {
        Map<String, String> annotations = OrEmpty.of(slice.getMetadata().getAnnotations());
        String trigger = annotations.get(TriggerTimes.ANNOTATION);
        slice.getMetadata()
                .setAnnotations(trigger == null ? null : new HashMap<>(Map.of(TriggerTimes.ANNOTATION, trigger)));
        slice.getMetadata().setOwnerReferences(null);
        for (Endpoint endpoint : OrEmpty.of(slice.getEndpoints())) {
            endpoint.setTargetRef(null);
            endpoint.setDeprecatedTopology(null);
        }
    }

    private static void trim(Node node) {
        node.getMetadata().setAnnotations(null);
        if (node.getStatus() != null) {
            node.getStatus().setImages(null);
            node.getStatus().setConditions(null);
        }
    }

    /** How packets are forwarded, as the original names it. */
    public String mode() {
        return isUserspace ? "userspace" : "nftables";
    }

    /** Whether it does its work: false when it has ended by itself. */
    public boolean isRunning() {
        Thread running = thread;
        return running != null && running.isAlive();
    }

    @Override
    public void close() {
        inbox.close();
        boolean isInterrupted = false;
        Thread running = thread;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        while (!opened.isEmpty()) {
            opened.pop().run();
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes all rules away that a proxy left in the kernel. */
    public static void cleanUp(Machine machine, ProxySettings settings) throws IOException {
        for (Family family : Family.values()) {
            try (NetlinkSocket socket = machine.open(NetlinkSocket.NETFILTER)) {
                new NftForwarding(socket, settings.table(family, List.of(), List.of())).remove();
            }
        }
    }
}
