package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Controllers that call the API as accounts of their own, and may do no more than the roles of these allow. */
class OwnAccountsTest {
    private final TestCluster cluster = TestCluster.withKindsOnDemand();
    private final KubernetesClient user = cluster.client();
    private final TestNodes nodes = new TestNodes(user);
    private final Set<String> refused = new ConcurrentSkipListSet<>();
    private final List<Runnable> closing = new ArrayList<>();
    private AccountContexts accounts;
    private Context process;

    @TempDir
    private Path folder;

    /** The flags of the controllers. */
    @Command
    private static final class Flags {
        @Mixin
        private NodeFlags nodes;

        @Mixin
        private TrustFlags trust;

        @Mixin
        private ObjectFlags objects;

        @Mixin
        private FeatureFlags features;
    }

    /** Writes down what the API does not let a controller do. */
    private final class Refusals implements Interceptor {
        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (response.code() == 403 || response.code() == 401) {
                refused.add(response.code() + " " + request.method() + ' '
                        + request.uri().getPath());
            }
        }
    }

    @BeforeEach
    void open() {
        // As a kube-controller-manager: it may watch everything, and hand out tokens.
        Config config = new ConfigBuilder(user.getConfiguration())
                .withImpersonateUsername("system:kube-controller-manager")
                .build();
        KubernetesClient own = ApiClient.of(config, List.of(cluster.noting()));
        Time time = Time.system();
        EventRecorder events = new EventRecorder(own, time);
        process = new Context(own, events, time);
        accounts = new AccountContexts(config, List.of(new Refusals(), cluster.noting()), process);
        closing.add(own::close);
        closing.add(time::close);
        closing.add(events::close);
        closing.add(accounts::close);
    }

    @AfterEach
    void close() {
        closing.reversed().forEach(Runnable::run);
        cluster.close();
    }

    private static ControllerDescriptor named(String name) {
        return new ControllerDescriptor(name, 1, (context, setup) -> {
            throw new IllegalStateException("it does not run");
        });
    }

    @Test
    void aControllerIsItsAccountAndNobodyElse() {
        KubernetesClient deployments =
                accounts.of(named("deployment-controller")).client();
        SelfSubjectReview review = deployments.resource(new SelfSubjectReview()).create();
        assertEquals(
                "system:serviceaccount:kube-system:deployment-controller",
                review.getStatus().getUserInfo().getUsername());
        assertEquals(
                403,
                assertThrows(
                                KubernetesClientException.class,
                                () -> deployments
                                        .secrets()
                                        .inNamespace("kube-system")
                                        .list())
                        .getCode());
        assertEquals(
                accounts.of(named("node-lifecycle-controller")),
                accounts.of(named("taint-eviction-controller")),
                "those of one account are one");
        assertEquals(process, accounts.of(named("serviceaccount-token-controller")));
    }

    @Test
    void anAccountThatWasDeletedIsMadeAnew() throws Exception {
        KubernetesClient client = accounts.of(named("job-controller")).client();
        var _ = client.batch().v1().jobs().inAnyNamespace().list();
        ServiceAccount before = account("job-controller");
        user.resource(before).delete();
        // Its token is worth nothing any more: a call is refused, and sent again with one of a new account.
        await("there is a new account", () -> {
            var _ = client.batch().v1().jobs().inAnyNamespace().list();
            ServiceAccount now = account("job-controller");
            return now != null
                    && !before.getMetadata().getUid().equals(now.getMetadata().getUid());
        });
    }

    private ServiceAccount account(String name) {
        return user.serviceAccounts().inNamespace("kube-system").withName(name).get();
    }

    private List<ControllerDescriptor> all() throws Exception {
        Path root = Files.write(
                folder.resolve("ca.crt"),
                Base64.getDecoder().decode(user.getConfiguration().getCaCertData()));
        Flags flags = new Flags();
        new CommandLine(flags)
                .parseArgs(
                        "--allocate-node-cidrs=true",
                        "--cluster-cidr=10.244.0.0/16",
                        "--root-ca-file=" + root,
                        "--feature-gates=ClusterTrustBundle=true,DRADeviceTaintRules=true",
                        "--feature-gates=GenericWorkload=true",
                        "--feature-gates=PodCertificateRequest=true,StorageVersionMigrator=true");
        return KnownControllers.of(flags.nodes, flags.trust, flags.objects, flags.features);
    }

    @Test
    void eachControllerThatIsKnownHasAnAccount() throws Exception {
        Set<String> without = new TreeSet<>();
        for (ControllerDescriptor controller : all()) {
            if (ControllerAccounts.of(controller.name()).isEmpty()) {
                without.add(controller.name());
            }
        }
        assertEquals(Set.of(), without);
    }

    @Test
    void allControllersWorkWithTheirOwnRoles() throws Exception {
        Manager manager = new Manager(
                all(), accounts::of, new Caches(process.client(), Caches.Delivery.PLAIN), new ControllerMetrics());
        closing.add(manager::close);
        manager.start();
        String namespace = cluster.namespace();
        String node = nodes.create(Map.of("kubernetes.io/hostname", "one"));
        for (String object : OBJECTS.split("---\n", -1)) {
            cluster.create(namespace, object);
        }
        cluster.create(namespace, POD_WITH_CLAIMS);
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: local, annotations: {volume.kubernetes.io/selected-node: %s}}
                spec: {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: {storage: 1Gi}}}
                """.formatted(node));
        await(
                "a node has addresses for pods",
                () -> user.nodes().withName(node).get().getSpec().getPodCIDR() != null);
        await(
                "the account and the certificates of a namespace",
                () -> there("v1", "ServiceAccount", namespace, "default")
                        && there("v1", "ConfigMap", namespace, "kube-root-ca.crt"));
        await(
                "a pod of each kind",
                () -> Set.of("web", "old", "db", "each", "once", "brief").equals(new TreeSet<>(apps(namespace))));
        for (Pod pod : cluster.pods(namespace)) {
            String app = app(pod);
            if (app.equals("once") || app.equals("brief")) {
                cluster.ended(pod, "Succeeded");
            } else if (!app.isEmpty()) {
                ready(pod, node);
            }
        }
        await(
                "a rollout ends",
                () -> number(user.apps()
                                .deployments()
                                .inNamespace(namespace)
                                .withName("web")
                                .get()
                                .getStatus()
                                .getAvailableReplicas())
                        == 1);
        await(
                "a job ends",
                () -> number(user.batch()
                                .v1()
                                .jobs()
                                .inNamespace(namespace)
                                .withName("once")
                                .get()
                                .getStatus()
                                .getSucceeded())
                        == 1);
        await("a job that has ended goes", () -> !there("batch/v1", "Job", namespace, "brief"));
        await(
                "a service has endpoints",
                () -> user.endpoints().inNamespace(namespace).list().getItems().stream()
                                .anyMatch(
                                        found -> !OrEmpty.of(found.getSubsets()).isEmpty())
                        && user.discovery().v1().endpointSlices().inNamespace(namespace).list().getItems().stream()
                                .anyMatch(slice -> !slice.getEndpoints().isEmpty()));
        await(
                "a quota is counted",
                () -> status(namespace, "v1", "ResourceQuota", "some").contains("used="));
        await(
                "a budget is counted",
                () -> status(namespace, "policy/v1", "PodDisruptionBudget", "web")
                        .contains("expectedPods=1"));
        await(
                "a scaler looks",
                () -> status(namespace, "autoscaling/v2", "HorizontalPodAutoscaler", "web")
                        .contains("AbleToScale"));
        await(
                "claims are protected, made for pods, and made of templates",
                () -> user.persistentVolumeClaims()
                                .inNamespace(namespace)
                                .withName("data-db-0")
                                .get()
                                .hasFinalizer("kubernetes.io/pvc-protection")
                        && there("v1", "PersistentVolumeClaim", namespace, "claims-scratch")
                        && !user.genericKubernetesResources("resource.k8s.io/v1", "ResourceClaim")
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .isEmpty());
        await(
                "a volume is made and bound",
                () -> "Bound"
                        .equals(user.persistentVolumeClaims()
                                .inNamespace(namespace)
                                .withName("local")
                                .get()
                                .getStatus()
                                .getPhase()));
        user.persistentVolumeClaims().inNamespace(namespace).withName("local").edit(claim -> {
            claim.getSpec().getResources().getRequests().put("storage", new Quantity("2Gi"));
            return claim;
        });
        await(
                "a volume grows",
                () -> status(namespace, "v1", "PersistentVolumeClaim", "local").contains("2Gi"));
        for (String object : OF_THE_CLUSTER.split("---\n", -1)) {
            user.resource(object).create();
        }
        await(
                "objects are migrated",
                () -> status("", "storagemigration.k8s.io/v1beta1", "StorageVersionMigration", "accounts")
                        .contains("type=Succeeded"));
        await(
                "a class is protected",
                () -> user.genericKubernetesResources("storage.k8s.io/v1", "VolumeAttributesClass")
                        .withName("accounts")
                        .get()
                        .hasFinalizer("kubernetes.io/vac-protection"));
        await(
                "certificates are published",
                () -> !user.genericKubernetesResources("certificates.k8s.io/v1beta1", "ClusterTrustBundle")
                        .list()
                        .getItems()
                        .isEmpty());
        var groups = user.genericKubernetesResources("scheduling.k8s.io/v1alpha2", "PodGroup")
                .inNamespace(namespace);
        groups.withName("pods").delete();
        await("a group without pods goes", () -> groups.withName("pods").get() == null);
        user.apps().deployments().inNamespace(namespace).withName("web").delete();
        await("what a deployment owns goes with it", () -> !apps(namespace).contains("web"));
        nodes.taint(
                node,
                new TaintBuilder().withKey("broken").withEffect("NoExecute").build());
        await(
                "pods leave a node",
                () -> cluster.pods(namespace).stream()
                        .noneMatch(pod -> Set.of("old", "db").contains(app(pod)) && onNode(pod)));
        assertEquals(Set.of(), refused);
        user.namespaces().withName(namespace).delete();
        await("a namespace goes", () -> {
            // No kubelet ends what was on the node.
            user.pods().inNamespace(namespace).withGracePeriod(0).delete();
            return user.namespaces().withName(namespace).get() == null;
        });
        // In a namespace that goes nobody may make anything, whoever it is.
        refused.removeIf(each -> each.startsWith("403 POST"));
        assertEquals(Set.of(), refused);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        TestCluster.await(what, condition);
    }

    private static int number(Integer number) {
        return number == null ? 0 : number;
    }

    private static boolean onNode(Pod pod) {
        return pod.getSpec().getNodeName() != null;
    }

    private static String app(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault("app", "");
    }

    private List<String> apps(String namespace) {
        return cluster.pods(namespace).stream()
                .map(OwnAccountsTest::app)
                .filter(app -> !app.isEmpty())
                .toList();
    }

    private boolean there(String apiVersion, String kind, String namespace, String name) {
        return user.genericKubernetesResources(apiVersion, kind)
                        .inNamespace(namespace)
                        .withName(name)
                        .get()
                != null;
    }

    private String status(String namespace, String apiVersion, String kind, String name) {
        var objects = user.genericKubernetesResources(apiVersion, kind);
        return String.valueOf((namespace.isEmpty()
                        ? objects.withName(name)
                        : objects.inNamespace(namespace).withName(name))
                .get()
                .getAdditionalProperties()
                .get("status"));
    }

    /** Plays the scheduler, if need be, and the node. */
    private void ready(Pod pod, String node) {
        if (!onNode(pod)) {
            user.raw(
                    "/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/pods/"
                            + pod.getMetadata().getName() + "/binding",
                    "POST",
                    Map.of(
                            "apiVersion",
                            "v1",
                            "kind",
                            "Binding",
                            "metadata",
                            Map.of("name", pod.getMetadata().getName()),
                            "target",
                            Map.of("kind", "Node", "name", node)));
        }
        cluster.ready(pod, Instant.now());
        user.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(now -> new PodBuilder(now)
                        .editStatus()
                        .withPodIP("10.244.0.7")
                        .withPodIPs()
                        .addNewPodIP("10.244.0.7")
                        .endStatus()
                        .build());
    }

    private static final String TEMPLATE = """
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata: {labels: {app: %1$s}}
                spec: {containers: [{name: main, image: example/image}]}
            """;

    private static final String OBJECTS =
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 1
            """ + TEMPLATE.formatted("web") + """
            ---
            apiVersion: scheduling.k8s.io/v1alpha2
            kind: PodGroup
            metadata: {name: pods}
            spec: {schedulingPolicy: {basic: {}}}
            ---
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: old}
            spec:
              replicas: 1
              selector: {app: old}
              template:
                metadata: {labels: {app: old}}
                spec: {containers: [{name: main, image: example/image}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              replicas: 1
              serviceName: web
              volumeClaimTemplates:
              - metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
            """ + TEMPLATE.formatted("db") + """
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: each}
            spec:
            """ + TEMPLATE.formatted("each") + """
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: {name: once}
            spec:
              template:
                metadata: {labels: {app: once}}
                spec: {restartPolicy: Never, containers: [{name: main, image: example/image}]}
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: {name: brief}
            spec:
              ttlSecondsAfterFinished: 0
              template:
                metadata: {labels: {app: brief}}
                spec: {restartPolicy: Never, containers: [{name: main, image: example/image}]}
            ---
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: often}
            spec:
              schedule: "* * * * *"
              jobTemplate:
                spec:
                  template:
                    spec: {restartPolicy: Never, containers: [{name: main, image: example/image}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: some}
            spec: {hard: {pods: "50"}}
            ---
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: web}
            spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: web}
            spec:
              maxReplicas: 3
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
              metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
            ---
            apiVersion: resource.k8s.io/v1
            kind: ResourceClaimTemplate
            metadata: {name: device}
            spec: {spec: {devices: {requests: [{name: one, exactly: {deviceClassName: any}}]}}}
            """;

    private static final String OF_THE_CLUSTER = """
            apiVersion: storagemigration.k8s.io/v1beta1
            kind: StorageVersionMigration
            metadata: {name: accounts}
            spec: {resource: {group: "", resource: configmaps}}
            ---
            apiVersion: storage.k8s.io/v1
            kind: VolumeAttributesClass
            metadata: {name: accounts}
            driverName: disk.example.com
            parameters: {iops: "100"}
            """;

    private static final String POD_WITH_CLAIMS = """
            apiVersion: v1
            kind: Pod
            metadata: {name: claims}
            spec:
              nodeSelector: {never: "true"}
              resourceClaims: [{name: device, resourceClaimTemplateName: device}]
              containers: [{name: main, image: example/image}]
              volumes:
              - name: scratch
                ephemeral:
                  volumeClaimTemplate:
                    spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
            """;
}
