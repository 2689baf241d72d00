package io.keelson.controllers.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.RuntimeConfig;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.server.ApiSettings;
import io.keelson.apiserver.server.ClusterSettings;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A real API server in this JVM, and the controllers that a test wants to run against it. One server is shared by all
 * tests of the JVM; each test has namespaces of its own, and what it makes outside of them goes when it ends.
 */
public final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    private final String kubeconfig;
    private final @Nullable KeelsonServer ownServer;
    private final Leftovers leftovers = new Leftovers();
    private final KubernetesClient client;
    private final List<Runnable> running = new ArrayList<>();

    /** With the kinds that an API server has by default. */
    public TestCluster() {
        this(Shared.SERVER.kubeconfig().text(), null);
    }

    private TestCluster(String kubeconfig, @Nullable KeelsonServer ownServer) {
        this.kubeconfig = kubeconfig;
        this.ownServer = ownServer;
        client = newClient();
    }

    /** A cluster whose server has the kinds besides that are served only on demand. */
    public static TestCluster withKindsOnDemand() {
        return new TestCluster(SharedWithMore.SERVER.kubeconfig().text(), null);
    }

    private static final class Shared {
        private static final KeelsonServer SERVER = start();

        private static KeelsonServer start() {
            try {
                return KeelsonServer.start(KeelsonConfig.ephemeral());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class SharedWithMore {
        private static final ApiServer SERVER = start();

        private static ApiServer start() {
            ApiSettings usual = ApiSettings.DEFAULT;
            ApiSettings more = new ApiSettings(
                    FeatureGates.of(List.of(
                            "ClusterTrustBundle=true",
                            "DRADeviceTaintRules=true",
                            "GenericWorkload=true",
                            "PodCertificateRequest=true",
                            "StorageVersionMigrator=true")),
                    RuntimeConfig.of(List.of(
                            "certificates.k8s.io/v1beta1=true",
                            "resource.k8s.io/v1beta2/devicetaintrules=true",
                            "scheduling.k8s.io/v1alpha2=true",
                            "storagemigration.k8s.io/v1beta1=true")),
                    usual.browsers(),
                    usual.externalHostname(),
                    usual.storage(),
                    usual.metrics(),
                    usual.flags());
            try {
                return ApiServer.start(ApiServerConfig.ephemeral().withCluster(ClusterSettings.DEFAULT.withApi(more)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** How to reach it, in a file for those who take {@code --kubeconfig}. */
    public Path kubeconfig(Path folder) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
    }

    /** A server of a test's own, for what would disturb others: kinds that are served to all, for example. */
    public static TestCluster alone() {
        KeelsonServer server = Shared.start();
        return new TestCluster(server.kubeconfig().text(), server);
    }

    /** A client of this cluster besides, with an administrator's rights. */
    public KubernetesClient newClient() {
        return ApiClient.of(Config.fromKubeconfig(kubeconfig), List.of(noting()));
    }

    /**
     * What a client that a test makes for itself needs, so that nodes, classes and all else that it makes in no
     * namespace goes when this is closed, as what the clients of this cluster make does.
     */
    public Interceptor noting() {
        return leftovers;
    }

    /** Looks at the cluster as a user does. */
    public KubernetesClient client() {
        return client;
    }

    /** Runs controllers by the machine's clock until the test ends. */
    public Manager run(ControllerDescriptor... controllers) throws InterruptedException {
        return run(Time.system(), controllers);
    }

    /** Runs controllers until the test ends. */
    public Manager run(Time time, ControllerDescriptor... controllers) throws InterruptedException {
        return run(time, new ControllerMetrics(), controllers);
    }

    /** Runs controllers until the test ends, and counts what they do. */
    public Manager run(Time time, ControllerMetrics metrics, ControllerDescriptor... controllers)
            throws InterruptedException {
        KubernetesClient own = newClient();
        EventRecorder events = new EventRecorder(own, time);
        Context context = new Context(own, events, time);
        Caches caches = new Caches(own, Caches.Delivery.PLAIN);
        Manager manager = new Manager(List.of(controllers), context, caches, metrics);
        running.add(own::close);
        running.add(time::close);
        running.add(events::close);
        running.add(manager::close);
        manager.start();
        if (time instanceof ManualTime clock) {
            clock.waitFor(manager::resting);
        }
        return manager;
    }

    /** A new namespace; its name. */
    public String namespace() {
        String name = "test-" + NAMESPACES.incrementAndGet();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Creates an object of YAML in a namespace; what the server made of it. */
    public HasMetadata create(String namespace, String yaml) {
        return client.resource(yaml).inNamespace(namespace).create();
    }

    /** The pods of a namespace that nobody has asked to delete. */
    public List<Pod> pods(String namespace) {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** Plays the node: a pod runs and is ready, since a time. */
    public void ready(Pod pod, Instant since) {
        status(pod, "Running", "True", since);
    }

    /** Plays the node: a pod has ended, with {@code Succeeded} or {@code Failed}. */
    public void ended(Pod pod, String phase) {
        status(pod, phase, "False", Instant.now());
    }

    /** A pod that has gone since it was listed is left alone, as by its node. */
    private void status(Pod pod, String phase, String ready, Instant since) {
        try {
            client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .editStatus(now -> new PodBuilder(now)
                            .editOrNewStatus()
                            .withPhase(phase)
                            .withConditions()
                            .addNewCondition()
                            .withType("Ready")
                            .withStatus(ready)
                            .withLastTransitionTime(
                                    since.truncatedTo(ChronoUnit.SECONDS).toString())
                            .endCondition()
                            .endStatus()
                            .build());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Who holds a lease of {@code kube-system}; empty if nobody does. */
    public String holder(String lease) {
        Lease found = client.leases().inNamespace("kube-system").withName(lease).get();
        return found == null ? "" : OrEmpty.of(found.getSpec().getHolderIdentity());
    }

    /** Waits until something is so; fails with what was waited for if it is not within half a minute. */
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
            }
            Thread.sleep(20);
        }
    }

    /** Ends what runs, the last started first, and then removes what was made in no namespace. */
    @Override
    public void close() {
        try {
            running.reversed().forEach(Runnable::run);
            if (ownServer == null) {
                leftovers.remove(client);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            client.close();
            if (ownServer != null) {
                ownServer.close();
            }
        }
    }
}
