package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.testing.Cable;
import io.keelson.controllers.testing.TestCluster;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two processes of controllers: the one that does not lead knows all, does nothing, and goes on when the other dies. */
class StandbyTest {
    private static final String ORDER = "order";

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ElectionTerms terms = new ElectionTerms(
            namespace, "leader", Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(200));
    private final List<Rival> processes = new ArrayList<>();

    @AfterEach
    void close() throws InterruptedException {
        for (Rival rival : processes) {
            rival.thread.interrupt();
            rival.thread.join();
        }
        cluster.close();
    }

    /** Answers each order by one object that the server names: whoever has not seen an answer would give a second. */
    private final class Answering implements Controller {
        private final Context context;
        private final Cache<ConfigMap> configMaps;
        /** What this process knows of itself; of another process it knows what the cache tells. */
        private final Set<String> answered = new HashSet<>();

        private Answering(Context context, Setup setup) {
            this.context = context;
            configMaps = setup.watch(ConfigMap.class);
            configMaps.index("answers", map -> {
                String order = OrEmpty.of(map.getMetadata().getLabels()).get(ORDER);
                return order == null || !namespace.equals(map.getMetadata().getNamespace())
                        ? List.of()
                        : List.of(order);
            });
        }

        @Override
        public Outcome reconcile(Key key) {
            if (key.namespace().equals(namespace)
                    && key.name().startsWith("order-")
                    && configMaps.get(key) != null
                    && configMaps.indexed("answers", key.name()).isEmpty()
                    && answered.add(key.name())) {
                context.client().resource(answer(key.name())).create();
            }
            return Outcome.done();
        }
    }

    private ConfigMap answer(String order) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withGenerateName("answer-")
                .withNamespace(namespace)
                .addToLabels(ORDER, order)
                .endMetadata()
                .build();
    }

    private void order(String name) {
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    private int answers() {
        return cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withLabel(ORDER)
                .list()
                .getItems()
                .size();
    }

    /** A controller manager of one controller; one worker, so that no two answer the same order. */
    private final class Rival implements Interceptor {
        private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        private final AtomicBoolean leads = new AtomicBoolean();
        private final Thread thread;

        private Rival(String identity, Config config) {
            LedProcess process = new LedProcess(config, terms, identity, List.of(this));
            ControllerDescriptor answering = new ControllerDescriptor("answering", 1, Answering::new);
            thread = Thread.ofVirtual().start(() -> {
                try {
                    process.run(
                            seen -> new RunningControllers(
                                    config, seen, List.of(answering), false, new ControllerMetrics()),
                            () -> leads.set(true));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            processes.add(this);
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            calls.add(request.method() + ' ' + request.uri());
        }

        private boolean hasListed() {
            return List.copyOf(calls).stream().anyMatch(StandbyTest::isList);
        }
    }

    private static boolean isList(String call) {
        return call.contains("/api/v1/configmaps?") && !call.contains("watch=true");
    }

    private Config config() {
        return cluster.client().getConfiguration();
    }

    @Test
    void whoWaitsReadsAllAndWritesNothingAndActsWithinTheLeaseTimeOnWhatTheDeadOneLeft() throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            order("order-before-" + i);
        }
        try (Cable cable = new Cable(URI.create(config().getMasterUrl()))) {
            Config cut = new ConfigBuilder(config()).withMasterUrl(cable.url()).build();
            Rival first = new Rival("first", cut);
            TestCluster.await("the first leads", first.leads::get);
            Rival second = new Rival("second", config());
            TestCluster.await("the second reads", second::hasListed);
            for (int i = 0; i < 20; i++) {
                order("order-meanwhile-" + i);
            }
            TestCluster.await("the first answers", () -> answers() == 40);
            order("order-at-the-end");

            cable.cut();
            long died = System.nanoTime();
            assertTrue(
                    List.copyOf(second.calls).stream().allMatch(call -> call.startsWith("GET ")),
                    second.calls::toString);
            assertFalse(second.leads.get());
            int read = second.calls.size();
            order("order-without-a-leader");
            TestCluster.await("the second leads", second.leads::get);
            Duration without = Duration.ofNanos(System.nanoTime() - died);
            TestCluster.await("the second answers", () -> answers() == 42);
            assertTrue(
                    without.compareTo(terms.leaseDuration().plusSeconds(2)) < 0, () -> "without a leader: " + without);
            List<String> since = List.copyOf(second.calls).subList(read, second.calls.size());
            assertTrue(since.stream().noneMatch(StandbyTest::isList), () -> "it read all again: " + since);
            first.thread.join();
        }
        order("order-after");
        TestCluster.await("the second goes on", () -> answers() == 43);
        assertEquals(43, orders(), "each order has one answer");
    }

    private boolean hasEvent(String message) {
        return cluster.client().v1().events().inNamespace(terms.namespace()).list().getItems().stream()
                .anyMatch(event -> event.getReason().equals("LeaderElection")
                        && event.getMessage().equals(message)
                        && event.getInvolvedObject().getKind().equals("Lease")
                        && event.getSource().getComponent().equals(terms.name()));
    }

    private long orders() {
        return cluster.client().configMaps().inNamespace(namespace).withLabel(ORDER).list().getItems().stream()
                .map(map -> map.getMetadata().getLabels().get(ORDER))
                .distinct()
                .count();
    }

    @Test
    void aProcessThatIsToldToEndIsFollowedAtOnceByTheOneThatWaits() throws InterruptedException {
        order("order-1");
        Rival first = new Rival("first", config());
        TestCluster.await("the first answers", () -> answers() == 1);
        TestCluster.await("users are told", () -> hasEvent("first became leader"));
        Rival second = new Rival("second", config());
        TestCluster.await("the second reads", second::hasListed);
        first.thread.interrupt();
        first.thread.join();
        long ended = System.nanoTime();
        TestCluster.await("the second leads", second.leads::get);
        Duration without = Duration.ofNanos(System.nanoTime() - ended);
        assertTrue(without.compareTo(terms.leaseDuration()) < 0, () -> "without a leader: " + without);
        order("order-2");
        TestCluster.await("the second answers", () -> answers() == 2);
        assertEquals(2, orders());
    }

    @Test
    void whoWaitsWithoutAnApiReadsItWhenItIsThere() throws InterruptedException {
        Config nowhere;
        try (Cable cable = new Cable(URI.create(config().getMasterUrl()))) {
            nowhere = new ConfigBuilder(config()).withMasterUrl(cable.url()).build();
        }
        Rival waiting = new Rival("waiting", nowhere);
        TestCluster.await("it tries again", () -> waiting.calls.size() >= 2);
        assertTrue(waiting.thread.isAlive());
        waiting.thread.interrupt();
        waiting.thread.join();
        assertFalse(waiting.leads.get());
    }
}
