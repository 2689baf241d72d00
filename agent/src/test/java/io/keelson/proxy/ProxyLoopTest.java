package io.keelson.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.config.ProxyConfiguration;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.conntrack.StaleFlows;
import io.keelson.proxy.health.HealthCheckPorts;
import io.keelson.proxy.health.ProxyHealth;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ProxyLoopTest {
    private final Inbox inbox = new Inbox();
    private final Time time = Time.system();
    private final ProxyHealth health = new ProxyHealth(time, Duration.ofMinutes(1));
    private final Recorder recorder = new Recorder();
    private Thread thread;

    /** Remembers what it was told; fails a few times if it is to. */
    private static final class Recorder implements Forwarding {
        private final BlockingQueue<Map<String, String>> states = new LinkedBlockingQueue<>();
        private final Map<String, String> state = new TreeMap<>();
        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger checks = new AtomicInteger();
        private volatile @Nullable TableSettings settings;

        @Override
        public void apply(
                Collection<PortRules> put,
                Collection<ServicePortName> removed,
                @Nullable Collection<IpAddress> nodeAddresses)
                throws IOException {
            if (failures.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
                // What it was told is lost.
                throw new IOException("not now");
            }
            removed.forEach(name -> state.remove(name.toString()));
            put.forEach(
                    rules -> state.put(rules.name().toString(), rules.cluster().toString()));
            states.add(Map.copyOf(state));
        }

        @Override
        public void configure(TableSettings other) {
            settings = other;
        }

        @Override
        public boolean check() {
            checks.incrementAndGet();
            return true;
        }

        @Override
        public void close() {
            settings = null;
        }
    }

    @BeforeEach
    void start() {
        ProxySettings settings = ProxySettings.of(ProxyConfiguration.defaults(), "here");
        Machine machine = new Machine() {
            @Override
            public NetlinkSocket open(int protocol) {
                throw new UnsupportedOperationException("nothing is opened here");
            }

            @Override
            public List<IpAddress> addresses() {
                return List.of();
            }

            @Override
            public Path sys() {
                return Path.of("/none");
            }
        };
        StaleFlows flows = new StaleFlows();
        thread = Thread.ofPlatform()
                .start(new ProxyLoop(
                        inbox,
                        settings,
                        new ObservedNode(settings, machine),
                        List.of(new FamilyRules(Family.IPV4, settings, recorder, flows, () -> {})),
                        new HealthCheckPorts(InetAddress.getLoopbackAddress(), health),
                        health,
                        new ProxyMetrics(),
                        time));
    }

    @AfterEach
    void end() throws InterruptedException {
        inbox.close();
        thread.join(5000);
        assertFalse(thread.isAlive());
        time.close();
    }

    private static Service service(String name, int port) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("10.96.0.1")
                .addNewPort()
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String service, String address) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(service + "-x")
                .withLabels(Map.of("kubernetes.io/service-name", service))
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .addNewPort()
                .withPort(8080)
                .endPort()
                .build();
    }

    private Map<String, String> next(Map<String, String> wanted) throws InterruptedException {
        Map<String, String> state = Map.of("never", "told");
        while (!state.equals(wanted)) {
            Map<String, String> told = recorder.states.poll(10, TimeUnit.SECONDS);
            if (told == null) {
                assertEquals(wanted, state);
                break;
            }
            state = told;
        }
        return state;
    }

    @Test
    void whatChangesIsToldAndWhatFailsIsToldAgainWithAllThatWasLost() throws InterruptedException {
        // Even if there is nothing, the kernel is to have rules.
        next(Map.of());
        inbox.service(new Change<>(null, service("web", 80)));
        next(Map.of("default/web", "[]"));
        inbox.slice(new Change<>(null, slice("web", "10.244.0.1")));
        next(Map.of("default/web", "[10.244.0.1:8080]"));
        recorder.failures.set(1);
        Service web = service("web", 80);
        inbox.service(new Change<>(web, null));
        inbox.service(new Change<>(null, service("other", 81)));
        next(Map.of("default/other", "[]"));
        assertTrue(health.state().isWell());
        // The slice was there before the Service came back.
        inbox.service(new Change<>(null, web));
        next(Map.of("default/other", "[]", "default/web", "[10.244.0.1:8080]"));
        inbox.slice(new Change<>(slice("web", "10.244.0.1"), null));
        next(Map.of("default/other", "[]", "default/web", "[]"));
    }

    @Test
    void rulesAreLookedAtWhenSomebodyMayHaveChangedThem() throws InterruptedException {
        next(Map.of());
        inbox.check();
        long start = System.nanoTime();
        while (recorder.checks.get() == 0 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertEquals(1, recorder.checks.get());
    }

    @Test
    void aNodeThatIsToGoIsNotEligibleAndItsRangesCount() throws InterruptedException {
        next(Map.of());
        inbox.node(new Change<>(
                null,
                new NodeBuilder()
                        .withNewMetadata()
                        .withName("here")
                        .withLabels(Map.of("topology.kubernetes.io/zone", "zone1"))
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", "ToBeDeletedByClusterAutoscaler", null, "1")
                        .endSpec()
                        .build()));
        next(Map.of());
        assertFalse(health.state().isEligible());
        TableSettings settings = recorder.settings;
        assertTrue(settings != null && settings.family() == Family.IPV4);
    }
}
