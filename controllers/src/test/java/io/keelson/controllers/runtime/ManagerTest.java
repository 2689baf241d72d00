package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManagerTest {
    private final TestCluster cluster = new TestCluster();
    private final List<Key> reconciled = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger failuresLeft = new AtomicInteger();

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Gives each ConfigMap that has none a label. */
    private final class Labelling implements Controller {
        private final Context context;
        private final Cache<ConfigMap> configMaps;
        private final Cache<Namespace> namespaces;

        private Labelling(Context context, Setup setup) {
            this.context = context;
            configMaps = setup.watch(ConfigMap.class);
            namespaces = setup.read(Namespace.class);
        }

        @Override
        public Outcome reconcile(Key key) {
            ConfigMap found = configMaps.get(key);
            if (found == null || !key.name().startsWith("mine")) {
                return Outcome.done();
            }
            reconciled.add(key);
            assertNotNull(namespaces.get("", key.namespace()));
            if (failuresLeft.getAndDecrement() > 0) {
                throw new IllegalStateException("not this time");
            }
            context.client()
                    .resource(new ConfigMapBuilder(found)
                            .editMetadata()
                            .addToLabels("labelled", "yes")
                            .endMetadata()
                            .build())
                    .update();
            context.events().from("labelling").normal(found, "Labelled", "Gave it a label");
            return Outcome.done();
        }
    }

    private void create(String namespace, String name) {
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    private boolean labelled(String namespace, String name) {
        ConfigMap found = cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName(name)
                .get();
        return Map.of("labelled", "yes").equals(found.getMetadata().getLabels());
    }

    @Test
    void objectsOfBeforeAndAfterTheStartAreReconciled() throws InterruptedException {
        String namespace = cluster.namespace();
        create(namespace, "mine-before");
        Manager manager = cluster.run(new ControllerDescriptor("labelling", 5, Labelling::new));
        create(namespace, "mine-after");
        TestCluster.await(
                "both have a label", () -> labelled(namespace, "mine-before") && labelled(namespace, "mine-after"));
        TestCluster.await("nothing is left to do", manager::idle);
        TestCluster.await(
                "an event tells of each",
                () -> cluster.client()
                                .v1()
                                .events()
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .size()
                        == 2);
        Event event = cluster.client()
                .v1()
                .events()
                .inNamespace(namespace)
                .list()
                .getItems()
                .getFirst();
        assertEquals("Labelled", event.getReason());
        assertEquals("labelling", event.getSource().getComponent());
        assertEquals("ConfigMap", event.getInvolvedObject().getKind());
    }

    @Test
    void whatIsWrittenFromACacheKeepsTheFieldsOfThoseWhoWroteBefore() throws InterruptedException {
        String namespace = cluster.namespace();
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("mine")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withData(Map.of("key", "value"))
                        .build())
                .fieldManager("user")
                .serverSideApply();
        cluster.run(new ControllerDescriptor("labelling", 5, Labelling::new));
        TestCluster.await("it has a label", () -> labelled(namespace, "mine"));
        List<ManagedFieldsEntry> managers;
        // Another than those of control loops, which do not read managed fields.
        try (KubernetesClient usual = new KubernetesClientBuilder()
                .withConfig(cluster.client().getConfiguration())
                .build()) {
            managers = usual.configMaps()
                    .inNamespace(namespace)
                    .withName("mine")
                    .get()
                    .getMetadata()
                    .getManagedFields();
        }
        assertEquals(2, managers.size(), managers::toString);
        assertTrue(
                managers.stream()
                        .anyMatch(entry -> entry.getManager().equals("user")
                                && entry.getOperation().equals("Apply")
                                && entry.getFieldsV1().toString().contains("f:key")),
                managers::toString);
    }

    @Test
    void whatFailsIsTriedAgain() throws InterruptedException {
        failuresLeft.set(3);
        String namespace = cluster.namespace();
        cluster.run(new ControllerDescriptor("labelling", 5, Labelling::new));
        create(namespace, "mine");
        TestCluster.await("it has a label", () -> labelled(namespace, "mine"));
        assertTrue(reconciled.size() >= 4, () -> "reconciled: " + reconciled);
    }

    @Test
    void theSameEventAgainRaisesItsCount() throws InterruptedException {
        String namespace = cluster.namespace();
        create(namespace, "told");
        ConfigMap about = cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("told")
                .get();
        try (Time time = Time.system();
                EventRecorder events = new EventRecorder(cluster.client(), time)) {
            for (int i = 0; i < 3; i++) {
                events.from("teller").warning(about, "Bad", "it is bad");
            }
            TestCluster.await("the event has a count of three", () -> {
                List<Event> found = cluster.client()
                        .v1()
                        .events()
                        .inNamespace(namespace)
                        .list()
                        .getItems();
                return found.size() == 1
                        && Integer.valueOf(3).equals(found.getFirst().getCount());
            });
            for (int i = 0; i < 40; i++) {
                events.from("teller").warning(about, "Bad", "it is bad in another way: " + i);
            }
            // 25 are told: three of the first, eight more that differ, and the rest as one.
            TestCluster.await(
                    "similar ones have become one",
                    () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                            .anyMatch(event -> event.getMessage().startsWith("(combined from similar events): ")
                                    && event.getCount() == 14));
            assertEquals(
                    10,
                    cluster.client()
                            .v1()
                            .events()
                            .inNamespace(namespace)
                            .list()
                            .getItems()
                            .size());
        }
    }

    @Test
    void equalEventsAboutTwoPartsOfAnObjectAreTwo() throws InterruptedException {
        String namespace = cluster.namespace();
        create(namespace, "told");
        ConfigMap about = cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("told")
                .get();
        try (Time time = Time.system();
                EventRecorder events = new EventRecorder(cluster.client(), time)) {
            Events teller = events.from("teller");
            for (String part : List.of("data[a]", "data[b]", "data[a]")) {
                teller.inField(part).warning(about, "Bad", "it is bad");
            }
            teller.warning(about, "Bad", "it is bad");
            TestCluster.await(
                    "each part, and the whole, has its own",
                    () -> Map.of("data[a]", 2, "data[b]", 1, "", 1)
                            .equals(cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                                    .collect(Collectors.toMap(
                                            event -> Objects.requireNonNullElse(
                                                    event.getInvolvedObject().getFieldPath(), ""),
                                            Event::getCount))));
        }
    }

    @Test
    void whateverAnObjectIsCalledItsEventsAreWritten() throws InterruptedException {
        String namespace = cluster.namespace();
        try (Time time = Time.system();
                EventRecorder events = new EventRecorder(cluster.client(), time)) {
            for (String name : List.of("x".repeat(250), "odd:name", "plain")) {
                ConfigMap about = new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withUid(name)
                        .endMetadata()
                        .build();
                events.from("teller").normal(about, "Told", "of it");
            }
            TestCluster.await(
                    "all are told",
                    () -> cluster.client()
                                    .v1()
                                    .events()
                                    .inNamespace(namespace)
                                    .list()
                                    .getItems()
                                    .size()
                            == 3);
        }
    }

    /** A user who may see one kind, and others not before he is let. */
    private void let(String user, String resource) {
        String role = user + '-' + resource;
        cluster.client()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("")
                        .withResources(resource)
                        .withVerbs("list", "watch")
                        .endRule()
                        .build())
                .create();
        cluster.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject()
                        .withKind("User")
                        .withName(user)
                        .endSubject()
                        .build())
                .create();
    }

    /** Tells which keys it is given, and does nothing. */
    private static ControllerDescriptor telling(String name, Set<Key> told, Class<? extends HasMetadata> kind) {
        return new ControllerDescriptor(name, 1, (context, setup) -> {
            setup.watch(kind);
            return key -> {
                told.add(key);
                return Outcome.done();
            };
        });
    }

    @Test
    void aKindThatCannotBeReadHoldsUpOnlyThoseWhoLookAtIt() throws InterruptedException {
        String namespace = cluster.namespace();
        String user = namespace + "-user";
        let(user, "configmaps");
        create(namespace, "seen");
        cluster.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("seen")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        Set<Key> maps = ConcurrentHashMap.newKeySet();
        Set<Key> accounts = ConcurrentHashMap.newKeySet();
        Config limited = new ConfigBuilder(cluster.client().getConfiguration())
                .withImpersonateUsername(user)
                .build();
        try (Time time = Time.system();
                KubernetesClient client = ApiClient.of(limited, List.of());
                EventRecorder events = new EventRecorder(client, time);
                Manager manager = new Manager(
                        List.of(
                                telling("accounts", accounts, ServiceAccount.class),
                                telling("maps", maps, ConfigMap.class)),
                        new Context(client, events, time),
                        new Caches(client, Caches.Delivery.PLAIN),
                        new ControllerMetrics())) {
            Thread starting = Thread.ofVirtual().start(() -> {
                try {
                    manager.start();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            TestCluster.await("one works", () -> maps.contains(new Key(namespace, "seen")));
            assertTrue(starting.isAlive());
            assertEquals(Set.of(), accounts);
            let(user, "serviceaccounts");
            TestCluster.await("the other works too", () -> accounts.contains(new Key(namespace, "seen")));
            starting.join();
        }
    }

    @Test
    void aKindThatNobodyAskedForBeforeTheStartIsRefused() throws InterruptedException {
        try (Caches caches = new Caches(cluster.client(), Caches.Delivery.PLAIN)) {
            caches.of(Namespace.class);
            caches.start();
            assertNotNull(caches.of(Namespace.class).get("", "default"));
            assertThrows(IllegalStateException.class, () -> caches.of(ConfigMap.class));
        }
    }

    @Test
    void slowStartAsksFewTimesInVain() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        SlowStart.Result refused = SlowStart.run(1000, number -> {
            if (asked.incrementAndGet() > 3) {
                throw new IllegalStateException("full");
            }
        });
        assertEquals(3, refused.done());
        assertEquals(7, asked.get());
        assertThrows(IllegalStateException.class, refused::orThrow);
        assertEquals(
                1000, SlowStart.run(1000, number -> asked.incrementAndGet()).done());
        assertEquals(1007, asked.get());
        assertTrue(Duration.ZERO.equals(Outcome.after(Duration.ofSeconds(-1)).again()));
    }
}
