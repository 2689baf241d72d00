package io.keelson.metrics;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.manager.AggregatedRegistration;
import io.keelson.controllers.manager.ClusterAuthorities;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.manager.ReviewSettings;
import io.keelson.controllers.manager.SecurePort;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.CallMetrics;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** All of a metrics server: it asks kubelets, and serves what they say until it is closed. */
final class MetricsServer implements AutoCloseable {
    static final String NAME = "metrics-server";
    private static final Duration LOOK_UP = Duration.ofMinutes(1);

    private final Parts parts = new Parts();

    private final SecurePort port;

    private MetricsServer(MetricsServerSettings settings) throws IOException, InterruptedException {
        boolean isDone = false;
        try {
            PrometheusRegistry figures = new PrometheusRegistry();
            KubernetesClient client = parts.opened(ApiClient.of(settings.config(), List.of(new CallMetrics(figures))));
            Time time = parts.opened(Time.system());
            PortSettings served = lookedUp(settings, client, time);
            DelegatedAccess access = DelegatedAccess.of(
                    client(settings, served.reviews().authentication()),
                    client(settings, served.reviews().authorization()),
                    served.reviews(),
                    time);
            Caches caches = parts.opened(new Caches(client, Caches.Delivery.PLAIN));
            caches.narrow(Node.class, new Caches.Interest<>(settings.nodeSelector(), Map.of(), MetricsServer::trim));
            caches.narrow(Pod.class, new Caches.Interest<>("", Map.of(), MetricsServer::trim));
            AtomicReference<@Nullable Scraper> known = new AtomicReference<>();
            Cache<Node> nodes = caches.listen(Node.class, change -> {
                Scraper asking = known.get();
                if (asking != null && change.added()) {
                    asking.wake();
                }
            });
            Cache<Pod> pods = caches.of(Pod.class);
            UsageHistory history = new UsageHistory(settings.resolution());
            Kubelets kubelets = parts.opened(new Kubelets(settings.kubelets(), settings.config(), time));
            Scraper scraper = parts.opened(new Scraper(
                    settings.resolution(),
                    time,
                    nodes::all,
                    settings.kubelets(),
                    kubelets,
                    history,
                    new ScrapeMetrics(figures, history::points)));
            AtomicBoolean synced = new AtomicBoolean();
            Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
            checks.put("ping", () -> true);
            checks.put("metadata-informer-sync", synced::get);
            checks.put("metric-collection-timely", scraper::isTimely);
            port = parts.opened(new SecurePort(settings.address(), served, access, figures, checks));
            port.serve(
                    "/apis",
                    new MetricsHandler(
                            access, new MetricsAnswers(new ClusterMetrics(nodes, pods, history::measured), time)));
            caches.start();
            synced.set(true);
            known.set(scraper);
            scraper.start();
            if (settings.register().isPresent()) {
                register(client, settings.register().get());
            }
            isDone = true;
        } finally {
            if (!isDone) {
                close();
            }
        }
    }

    /**
     * Starts one; it serves when this returns, and has something to tell of a node some two seconds after its kubelet answers.
     *
     * @throws IOException if it cannot listen, or a file cannot be used
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API cannot be read
     */
    static MetricsServer start(MetricsServerSettings settings) throws IOException, InterruptedException {
        return new MetricsServer(settings);
    }

    private KubernetesClient client(MetricsServerSettings settings, @Nullable Config own) {
        return parts.opened(ApiClient.of(own == null ? settings.config() : own, List.of()));
    }

    private PortSettings lookedUp(MetricsServerSettings settings, KubernetesClient client, Time time)
            throws IOException {
        PortSettings given = settings.port();
        if (!settings.isLookedUp()) {
            return given;
        }
        ClusterAuthorities authorities = parts.opened(ClusterAuthorities.lookUp(client));
        parts.opened(new Repeating("authorities", time, () -> LOOK_UP, authorities::refresh))
                .start();
        ReviewSettings reviews = authorities.in(given.reviews());
        return new PortSettings(given.tls(), given.protocols(), given.cipherSuites(), reviews);
    }

    /** Of objects nothing is needed but their names and labels, and where nodes are asked. */
    private static void trim(HasMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .withLabels(metadata.getLabels())
                .build());
        switch (object) {
            case Pod pod -> {
                pod.setSpec(null);
                pod.setStatus(null);
            }
            case Node node -> {
                node.setSpec(null);
                NodeStatus status = node.getStatus();
                if (status != null) {
                    NodeStatus kept = new NodeStatus();
                    kept.setAddresses(status.getAddresses());
                    kept.setDaemonEndpoints(status.getDaemonEndpoints());
                    node.setStatus(kept);
                }
            }
            default -> throw new IllegalArgumentException("only nodes and pods are followed");
        }
    }

    private void register(KubernetesClient client, String host) {
        AggregatedRegistration registration =
                new AggregatedRegistration(client, host, port(), NAME, List.of(MetricsAnswers.GROUP_VERSION));
        registration.register();
        parts.opened((AutoCloseable) registration::withdraw);
        client.resource(readers()).forceConflicts().serverSideApply();
    }

    /** Who may look at a namespace may look at what is used in it. */
    private static ClusterRole readers() {
        String prefix = "rbac.authorization.k8s.io/aggregate-to-";
        return new ClusterRoleBuilder()
                .withNewMetadata()
                .withName("system:aggregated-metrics-reader")
                .withLabels(Map.of(prefix + "admin", "true", prefix + "edit", "true", prefix + "view", "true"))
                .endMetadata()
                .addNewRule()
                .withApiGroups(MetricsPath.GROUP)
                .withResources("nodes", "pods")
                .withVerbs("get", "list", "watch")
                .endRule()
                .build();
    }

    /** Where it listens. */
    int port() {
        return port.port();
    }

    @Override
    public void close() {
        parts.close();
    }
}
