package io.keelson.agent.cri;

import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RuntimeObserverTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final RuntimeObserver observer =
            new RuntimeObserver(runtime.connection(), ObserverSettings.DEFAULTS, time, new ObserverMetrics(registry));
    private final Map<String, List<RuntimePod>> told = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        observer.close();
        runtime.close();
    }

    private void start() throws Exception {
        observer.start();
        observer.awaitComplete(LIMIT);
        Runnable _ = observer.listen((_, now) -> told.computeIfAbsent(now.uid(), _ -> new CopyOnWriteArrayList<>())
                .add(now));
    }

    /** How a pod looked each time that listeners were told of it. */
    private List<RuntimePod> told(String uid) {
        return told.getOrDefault(uid, List.of());
    }

    private void startWithoutEvents() throws Exception {
        runtime.events(false);
        start();
    }

    private void startWithEvents() throws Exception {
        start();
        await("it listens", () -> runtime.listeners() == 1);
        // The first look at everything is over, and until time moves there is no other.
        int looks = runtime.calls("ListContainers");
        assertTrue(looks >= 1);
    }

    /** Lets time move until something is so: looks at everything come with time only. */
    private void awaitWithTime(String what, BooleanSupplier condition) throws InterruptedException {
        await(what, () -> {
            time.advance(Duration.ofSeconds(1));
            return condition.getAsBoolean();
        });
    }

    @Test
    void whatWasThereBeforeIsThereWhenItIsComplete() throws Exception {
        String sandbox = TestPods.run(runtime, "a", "one", "two");
        String _ = TestPods.run(runtime, "b");
        start();
        RuntimePod a = observer.pod("a");
        assertEquals("default", a.namespace());
        assertEquals(sandbox, a.readySandbox().orElseThrow().getId());
        assertEquals("10.0.0.1", a.readySandbox().orElseThrow().getNetwork().getIp());
        assertTrue(a.newest("one").orElseThrow().running());
        assertEquals(sandbox, a.newest("two").orElseThrow().sandboxId());
        assertEquals(2, observer.pods().size());
        assertEquals(2, told.size());
        assertTrue(observer.pod("c").isEmpty());
    }

    @Test
    void anEventTellsOfAnExitWithoutTimePassing() throws Exception {
        String _ = TestPods.run(runtime, "a", "main");
        startWithEvents();
        runtime.exit(runtime.last("main").getId(), 3, "OOMKilled");
        await(
                "the exit is seen",
                () -> observer.pod("a").newest("main").orElseThrow().exited());
        RuntimeContainer main = observer.pod("a").newest("main").orElseThrow();
        assertEquals(3, main.status().getExitCode());
        assertEquals("OOMKilled", main.status().getReason());
        assertEquals(main, told("a").getLast().newest("main").orElseThrow());
    }

    @Test
    void ofTwoLooksItIsKnownWhichIsNewerThoughTheClockStands() throws Exception {
        String _ = TestPods.run(runtime, "a", "main");
        startWithoutEvents();
        Instant first = observer.refresh("a").since();
        Instant second = observer.refresh("a").since();
        assertTrue(second.isAfter(first), second + " after " + first);
    }

    @Test
    void withoutEventsAnExitIsSeenAfterASecond() throws Exception {
        String _ = TestPods.run(runtime, "a", "main");
        startWithoutEvents();
        runtime.exit(runtime.last("main").getId(), 3);
        awaitWithTime(
                "the exit is seen",
                () -> observer.pod("a").newest("main").orElseThrow().exited());
    }

    @Test
    void ofAPodThatWentListenersHearThatNothingIsLeft() throws Exception {
        String sandbox = TestPods.run(runtime, "a", "main");
        startWithEvents();
        runtime.killSandbox(sandbox);
        var _ = runtime.connection()
                .runtime(LIMIT)
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
        await("nothing is left", () -> told("a").getLast().isEmpty());
        assertTrue(observer.pods().isEmpty());
    }

    @Test
    void whatHappensWhileEventsAreLostIsSeenByALookAtEverything() throws Exception {
        String sandbox = TestPods.run(runtime, "a", "main");
        startWithEvents();
        String run = runtime.last("main").getId();
        runtime.loseEvents(() -> runtime.exit(run, 1));
        // The stream's end by itself makes it look again, whatever the time.
        await(
                "the exit is seen",
                () -> observer.pod("a").newest("main").orElseThrow().exited());
        awaitWithTime("it listens again", () -> runtime.listeners() == 1);
        String _ = TestPods.start(runtime, "a", sandbox, "main", 1);
        await(
                "the next run is seen",
                () -> observer.pod("a").newest("main").orElseThrow().running());
        assertEquals(2, observer.pod("a").containers().size());
        assertEquals(1, observer.pod("a").newest("main").orElseThrow().attempt());
    }

    @Test
    void whereEventsFlowEverythingIsLookedAtSeldom() throws Exception {
        startWithEvents();
        awaitWithTime("the stream has settled", () -> runtime.calls("ListContainers") >= 3);
        int before = runtime.calls("ListContainers");
        for (int second = 0; second < 20; second++) {
            time.advance(Duration.ofSeconds(1));
            Thread.sleep(10);
        }
        int looks = runtime.calls("ListContainers") - before;
        assertTrue(looks <= 6, "looks in 20 s: " + looks);
    }

    @Test
    void aRefreshSeesAtOnceWhatTheCallerDid() throws Exception {
        startWithoutEvents();
        String _ = TestPods.run(runtime, "a", "main");
        RuntimePod now = observer.refresh("a");
        assertEquals(
                ContainerState.CONTAINER_RUNNING,
                now.newest("main").orElseThrow().state());
        assertEquals(now, observer.pod("a"));
        assertTrue(now.sameAs(told("a").getLast()));
        int times = told("a").size();
        RuntimePod _ = observer.refresh("a");
        assertEquals(times, told("a").size());
    }

    @Test
    void aRefreshOfARuntimeThatDoesNotAnswerFails() throws Exception {
        startWithoutEvents();
        runtime.fail("ListPodSandbox", Status.UNAVAILABLE.withDescription("gone"));
        assertThrows(StatusRuntimeException.class, () -> observer.refresh("a"));
    }

    @Test
    void aContainerThatVanishesWhileItIsReadIsLeftOut() throws Exception {
        String _ = TestPods.run(runtime, "a", "one", "two");
        startWithoutEvents();
        runtime.fail("ContainerStatus", Status.NOT_FOUND);
        RuntimePod now = observer.refresh("a");
        assertEquals(0, now.containers().size());
        assertEquals(1, now.sandboxes().size());
    }

    @Test
    void aPodThatCannotBeReadHoldsUpNoOther() throws Exception {
        String _ = TestPods.run(runtime, "a", "one");
        CountDownLatch held = new CountDownLatch(1);
        runtime.events(false);
        runtime.hold("ContainerStatus", held);
        String _ = TestPods.run(runtime, "b");
        observer.start();
        await("b is seen", () -> !observer.pod("b").isEmpty());
        assertFalse(observer.complete());
        assertThrows(TimeoutException.class, () -> observer.awaitComplete(Duration.ofMillis(1)));
        held.countDown();
        observer.awaitComplete(LIMIT);
        assertFalse(observer.pod("a").isEmpty());
    }

    @Test
    void aPodThatCannotBeReadIsTriedAgain() throws Exception {
        String _ = TestPods.run(runtime, "a", "one");
        runtime.fail("ContainerStatus", Status.UNKNOWN.withDescription("bad"));
        startWithoutEvents();
        assertTrue(observer.pod("a").isEmpty());
        runtime.mend("ContainerStatus");
        awaitWithTime("it is read", () -> !observer.pod("a").isEmpty());
    }

    @Test
    void itIsNotHealthyWhenTheRuntimeTellsNothingForThreeMinutes() throws Exception {
        runtime.events(false);
        assertEquals(Optional.of("PLEG is not healthy: pleg has yet to be successful"), observer.problem());
        start();
        assertEquals(Optional.empty(), observer.problem());
        runtime.fail("ListContainers", Status.DEADLINE_EXCEEDED);
        time.advance(Duration.ofMinutes(3));
        await("it was asked again", () -> runtime.calls("ListContainers") >= 2);
        assertEquals(Optional.empty(), observer.problem());
        time.advance(Duration.ofMillis(5500));
        assertEquals(
                Optional.of("PLEG is not healthy: pleg was last seen active 3m5.5s ago; threshold is 3m0s"),
                observer.problem());
        runtime.mend("ListContainers");
        awaitWithTime("it is healthy", () -> observer.problem().isEmpty());
    }

    @Test
    void whatIsNoAgentsIsPassedOver() throws Exception {
        var _ = runtime.connection()
                .runtime(LIMIT)
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(TestPods.sandbox("x", 0).toBuilder().clearLabels())
                        .build());
        startWithoutEvents();
        assertTrue(observer.pods().isEmpty());
        assertEquals(0, runtime.calls("PodSandboxStatus"));
    }

    @Test
    void aListenerThatFailsHarmsNobody() throws Exception {
        startWithEvents();
        Runnable failing = observer.listen((_, _) -> {
            throw new IllegalStateException("on purpose");
        });
        String _ = TestPods.run(runtime, "a", "main");
        await(
                "the pod is told of",
                () -> told.containsKey("a")
                        && told("a").getLast().newest("main").isPresent());
        failing.run();
    }

    @Test
    void aLookThatBeganEarlierDoesNotBringBackWhatIsGone() {
        PodPictures pictures = new PodPictures();
        Instant at = time.steady();
        String sandbox = TestPods.run(runtime, "a", "main");
        RuntimePod there = new RuntimeReader(runtime.connection(), LIMIT).pod("a", at);
        assertEquals("a", pictures.put(there).uid());
        assertEquals("a", pictures.podOf(sandbox));
        RuntimePod gone = RuntimePod.none("a", at.plusSeconds(2));
        assertTrue(pictures.put(gone).isEmpty());
        RuntimePod late = new RuntimePod("a", "default", "a", there.sandboxes(), there.containers(), at.plusSeconds(1));
        assertTrue(pictures.put(late).isEmpty());
        assertTrue(pictures.pods().isEmpty());
        assertEquals(null, pictures.podOf(sandbox));
    }
}
