package io.keelson.scheduler.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.queue.SchedulingQueue.Counts;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {
    private static final ClusterEvent NODE = new ClusterEvent(Kind.NODE_ADDED, null, null, null);
    private static final ClusterEvent LEFT = new ClusterEvent(Kind.POD_LEFT, null, null, null);

    private static final Hints NEVER = new Hints() {
        @Override
        public boolean concerns(String filter, Kind kind) {
            return false;
        }

        @Override
        public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
            return false;
        }
    };

    private final ResourceTable table = new ResourceTable();
    private final SchedulingQueue queue = new SchedulingQueue(new Hints() {
        @Override
        public boolean concerns(String filter, Kind kind) {
            return kind == Kind.NODE_ADDED || filter.equals("Room");
        }

        @Override
        public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
            return !waiting.labels().containsKey("hopeless");
        }
    });

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private PodInfo pod(String name, int priority) {
        return read(build(name, priority));
    }

    private static Pod build(String name, int priority) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withPriority(priority)
                .endSpec()
                .build();
    }

    private PodInfo read(Pod pod) {
        return PodInfo.of(pod, table);
    }

    private void put(String name, int priority) {
        queue.put(pod(name, priority), now);
        pass(Duration.ofMillis(1));
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private @Nullable String taken() {
        QueuedPod taken = queue.take(now);
        return taken == null ? null : taken.pod().key().name();
    }

    private QueuedPod take() {
        return assertNotNull(queue.take(now), "a pod's turn has come");
    }

    private static QueuedPod assertNotNull(@Nullable QueuedPod pod, String what) {
        if (pod == null) {
            throw new AssertionError("not so: " + what);
        }
        return pod;
    }

    private void reject(String... filters) {
        queue.reject(take(), Set.of(filters), now);
    }

    @Test
    void ofPodsThatAskForTheSameOneIsAskedAbout() {
        List<String> asked = new ArrayList<>();
        SchedulingQueue alike = new SchedulingQueue(new Hints() {
            @Override
            public boolean concerns(String filter, Kind kind) {
                return true;
            }

            @Override
            public Object asksFor(String filter, PodInfo waiting) {
                return waiting.priority();
            }

            @Override
            public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
                asked.add(waiting.uid());
                return waiting.priority() == 2;
            }
        });
        for (int i = 0; i < 6; i++) {
            alike.put(pod("pod-" + i, i % 3), now);
        }
        for (int i = 0; i < 6; i++) {
            alike.reject(assertNotNull(alike.take(now), "a pod's turn has come"), Set.of("Room"), now);
        }
        alike.put(
                read(new PodBuilder(build("pod-2", 2))
                        .withNewStatus()
                        .withMessage("it waits")
                        .endStatus()
                        .build()),
                now);
        alike.remove("pod-3");
        alike.remove("pod-1");
        alike.remove("pod-4");
        alike.happened(LEFT, now);
        assertEquals(Set.of("pod-0", "pod-5"), Set.copyOf(asked));
        assertEquals(2, asked.size());
        assertEquals(
                List.of("pod-0"),
                alike.unschedulable().stream().map(each -> each.pod().uid()).toList());
        asked.clear();
        alike.happened(LEFT, now);
        assertEquals(List.of("pod-0"), asked);
    }

    @Test
    void theMoreImportantComeFirstAndOfEqualsTheOlder() {
        put("low", -5);
        put("first", 0);
        put("second", 0);
        put("high", Integer.MAX_VALUE);
        assertEquals("high", taken());
        assertEquals("first", taken());
        assertEquals("second", taken());
        assertEquals("low", taken());
        assertNull(taken());
    }

    @Test
    void aRejectedPodWaitsForWhatHelpsItsFilter() {
        put("a", 0);
        reject("Taints");
        pass(Duration.ofSeconds(20));
        assertNull(taken());
        queue.happened(LEFT, now);
        assertNull(taken(), "who has no use for room is not moved by it");
        queue.happened(NODE, now);
        assertEquals("a", taken());
    }

    @Test
    void whatHelpsOneOfSeveralFiltersIsEnough() {
        put("a", 0);
        reject("Taints", "Room");
        queue.happened(LEFT, now.plusSeconds(1));
        assertEquals(new Counts(1, 0, 0, 0), queue.counts());
    }

    @Test
    void anEventThatCannotHelpThisPodLeavesItWaiting() {
        Pod hopeless = new PodBuilder(build("a", 0))
                .editMetadata()
                .withLabels(Map.of("hopeless", ""))
                .endMetadata()
                .build();
        queue.put(read(hopeless), now);
        reject("Room");
        queue.happened(LEFT, now);
        assertEquals(new Counts(0, 0, 1, 0), queue.counts());
    }

    @Test
    void withoutNodesItWaitsForOne() {
        put("a", 0);
        reject();
        queue.happened(LEFT, now);
        assertNull(taken());
        queue.happened(NODE, now);
        assertEquals("a", taken());
    }

    @Test
    void afterFiveMinutesItIsTriedWithoutAnEvent() {
        put("a", 0);
        reject("Room");
        assertEquals(now.plusSeconds(300), queue.nextTurn());
        pass(Duration.ofMinutes(5).minusNanos(1));
        assertNull(taken());
        pass(Duration.ofNanos(1));
        assertEquals("a", taken());
    }

    @Test
    void whoComesWhereIsToldByWhatBroughtIt() {
        List<String> told = new ArrayList<>();
        SchedulingQueue counted = new SchedulingQueue(
                new Hints() {
                    @Override
                    public boolean concerns(String filter, Kind kind) {
                        return kind == Kind.NODE_LABELS;
                    }

                    @Override
                    public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
                        return true;
                    }
                },
                Gates.OWN,
                Backoff.DEFAULT,
                (part, event) -> told.add(part + ' ' + event));
        Pod gated = new PodBuilder(build("a", 0))
                .editSpec()
                .addNewSchedulingGate("closed")
                .endSpec()
                .build();
        counted.put(read(gated), now);
        counted.put(read(gated), now);
        assertEquals(List.of("unschedulable UnschedulablePodAdd"), told, "a change that leaves it there is none");
        counted.put(pod("a", 0), now);
        QueuedPod pod = assertNotNull(counted.take(now), "its gate is gone");
        counted.reject(pod, Set.of("Room"), now);
        counted.happened(new ClusterEvent(Kind.NODE_LABELS, null, null, null), now);
        counted.take(now);
        counted.fail(pod, now);
        pass(Duration.ofSeconds(10));
        counted.take(now);
        counted.reject(pod, Set.of("Room"), now);
        assertFalse(pod.wasFlushed());
        pass(Duration.ofMinutes(5));
        counted.take(now);
        assertTrue(pod.wasFlushed(), "it was tried for no reason but the time");
        counted.reject(pod, Set.of("Room"), now);
        assertFalse(pod.wasFlushed());
        counted.helped("a", now);
        assertEquals(
                List.of(
                        "unschedulable UnschedulablePodAdd",
                        "active UnschedulablePodUpdate",
                        "unschedulable ScheduleAttemptFailure",
                        "backoff NodeUpdateNodeLabel",
                        "active PopFromBackoffQ",
                        "backoff ScheduleAttemptFailure",
                        "active BackoffComplete",
                        "unschedulable ScheduleAttemptFailure",
                        "active UnschedulableTimeout",
                        "unschedulable ScheduleAttemptFailure",
                        "backoff ForceActivate"),
                told);
    }

    @Test
    void anEventIsCalledByWhatChangedAndHow() {
        assertEquals("AssignedPodDelete", new ClusterEvent(Kind.POD_LEFT, null, pod("a", 0), null).label());
        for (Kind kind : Kind.values()) {
            assertTrue(new ClusterEvent(kind, null, null, null).label().matches("[A-Z][A-Za-z]+"), kind.name());
        }
        Pod some = build("a", 0);
        assertEquals(
                List.of("PersistentVolumeAdd", "PersistentVolumeUpdate", "PersistentVolumeDelete"),
                Stream.of(new Change<>(null, some), new Change<>(some, some), new Change<>(some, null))
                        .map(change -> ClusterEvent.of(Kind.VOLUME, change).label())
                        .toList());
    }

    @Test
    void theBackoffDoublesUpToTenSeconds() {
        put("a", 0);
        for (int seconds : new int[] {1, 2, 4, 8, 10, 10}) {
            QueuedPod taken = take();
            queue.fail(taken, now);
            assertEquals(now.plusSeconds(seconds), queue.nextTurn());
            assertNull(queue.take(now.plusSeconds(seconds).minusNanos(1)), "a failure is not tried again early");
            pass(Duration.ofSeconds(seconds));
        }
        QueuedPod last = take();
        assertEquals(7, last.attempts());
        queue.reject(last, Set.of("Room"), now);
        queue.happened(LEFT, now);
        assertEquals(now.plusSeconds(1), queue.nextTurn(), "rejections have a count of their own");
    }

    @Test
    void theBackoffOfARejectionIsCutShortOnlyIfNothingElseIsToBeDecided() {
        put("important", 9);
        reject("Room");
        put("other", 0);
        queue.happened(LEFT, now);
        assertEquals(new Counts(1, 1, 0, 0), queue.counts());
        assertEquals("other", taken());
        assertEquals("important", taken());
    }

    @Test
    void aGatedPodIsDecidedOnWhenNothingGatesIt() {
        Pod gated = new PodBuilder(build("a", 0))
                .editSpec()
                .withSchedulingGates(new PodSchedulingGate("wait"))
                .endSpec()
                .build();
        queue.put(read(gated), now);
        queue.happened(NODE, now);
        pass(Duration.ofHours(1));
        assertNull(taken());
        assertEquals(new Counts(0, 0, 0, 1), queue.counts());
        put("a", 0);
        assertEquals("a", taken());
    }

    @Test
    void anotherSpecIsAReasonToTryAgainAnotherStatusIsNot() {
        put("a", 0);
        reject("Room");
        queue.put(
                read(new PodBuilder(build("a", 0))
                        .withNewStatus()
                        .withPhase("Pending")
                        .endStatus()
                        .build()),
                now);
        pass(Duration.ofSeconds(5));
        assertNull(taken());
        put("a", 3);
        assertEquals(3, take().pod().priority());
    }

    @Test
    void aStatusThatChangesDoesNotPutOffTheNextTry() {
        put("a", 0);
        reject("Room");
        Instant turn = queue.nextTurn();
        put("b", 0);
        reject("Room");
        put("a", 0);
        assertEquals(turn, queue.nextTurn());
    }

    @Test
    void whatIsRemovedInFlightDoesNotComeBack() {
        put("a", 0);
        QueuedPod taken = take();
        queue.remove("a");
        queue.fail(taken, now);
        queue.reject(taken, Set.of("Room"), now);
        assertFalse(queue.contains("a"));
        assertEquals(new Counts(0, 0, 0, 0), queue.counts());
        assertNull(queue.nextTurn());
        put("a", 0);
        queue.fail(taken, now);
        assertEquals("a", taken(), "a pod of the same uid that came again is another entry");
    }

    @Test
    void whatIsUpdatedInFlightComesBackAsItIs() {
        put("a", 0);
        QueuedPod taken = take();
        put("a", 7);
        assertNull(taken());
        queue.fail(taken, now);
        pass(Duration.ofSeconds(1));
        assertEquals(7, take().pod().priority());
    }

    @Test
    void whoAsksForSomethingElseInFlightDoesNotWaitForAnEvent() {
        put("a", 0);
        QueuedPod taken = take();
        put("a", 7);
        queue.reject(taken, Set.of("Room"), now);
        assertEquals(new Counts(0, 1, 0, 0), queue.counts());
        assertEquals("a", taken());
        queue.reject(taken, Set.of("Room"), now);
        assertEquals(new Counts(0, 0, 1, 0), queue.counts(), "once is enough");
    }

    @Test
    void aClockThatIsSetBackPutsNobodyOff() {
        put("failed", 0);
        queue.fail(take(), now);
        put("rejected", 0);
        reject("Room");
        pass(Duration.ofHours(-1));
        assertEquals("failed", taken());
        assertEquals("rejected", taken());
    }

    @Test
    void howLongItWaitsForAnEventMayBeSaid() {
        assertEquals(Duration.ofSeconds(30), waitsOf(Duration.ZERO));
        assertEquals(Duration.ofMinutes(1), waitsOf(Duration.ofMinutes(1)));
        assertThrows(IllegalArgumentException.class, () -> waitsOf(Duration.ofSeconds(-1)));
    }

    private Duration waitsOf(Duration said) {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), said);
        SchedulingQueue other = new SchedulingQueue(NEVER, Gates.OWN, backoff);
        other.put(pod("a", 0), now);
        other.reject(assertNotNull(other.take(now), "its turn has come"), Set.of("Room"), now);
        Instant turn = other.nextTurn();
        Duration waits = Duration.between(now, turn == null ? Instant.MAX : turn);
        assertNull(other.take(now.plus(waits).minusNanos(1)));
        assertNotNull(other.take(now.plus(waits)), "its turn has come again");
        return waits;
    }
}
