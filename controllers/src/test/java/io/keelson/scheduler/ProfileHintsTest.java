package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.queue.Hints;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ProfileHintsTest {
    private static final ClusterEvent LEFT = new ClusterEvent(Kind.POD_LEFT, null, null, null);

    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final ResourceTable table = new ResourceTable();
    private final Hints broken = new Hints() {
        @Override
        public boolean concerns(String filter, Kind kind) {
            return filter.equals("Broken") || filter.equals("Whole");
        }

        @Override
        public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
            if (filter.equals("Broken")) {
                throw new IllegalStateException("as a test wants it");
            }
            return true;
        }
    };
    private final Hints silent = new Hints() {
        @Override
        public boolean concerns(String filter, Kind kind) {
            return false;
        }

        @Override
        public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
            return false;
        }
    };
    private final Set<String> told = new TreeSet<>();
    private final SchedulingQueue queue = new SchedulingQueue(new ProfileHints(
            Map.of("broken", broken, "silent", silent),
            PodInfo::schedulerName,
            (plugin, event, answer, nanos) -> told.add(plugin + ' ' + event.label() + ' ' + answer.label())));

    private void reject(String name, String profile, String filter) {
        queue.put(
                PodInfo.of(
                        new PodBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace("default")
                                .withUid(name)
                                .endMetadata()
                                .withNewSpec()
                                .withSchedulerName(profile)
                                .endSpec()
                                .build(),
                        table),
                now);
        QueuedPod taken = queue.take(now);
        assertNotNull(taken, "its turn has come");
        queue.reject(taken, Set.of(filter), now);
    }

    @Test
    void aPluginThatFailsKeepsNoPodFromBeingTriedAgain() {
        for (int i = 0; i < 20; i++) {
            reject("broken-" + i, "broken", "Broken");
            reject("whole-" + i, "broken", "Whole");
        }
        queue.happened(LEFT, now);
        assertEquals(List.of(), queue.unschedulable());
        assertEquals(Set.of("Broken AssignedPodDelete Error", "Whole AssignedPodDelete Queue"), told);
    }

    @Test
    void eachProfileIsAskedAboutItsOwnPods() {
        reject("one", "broken", "Whole");
        reject("other", "silent", "Whole");
        queue.happened(LEFT, now);
        assertEquals(
                List.of("other"),
                queue.unschedulable().stream()
                        .map(each -> each.pod().key().name())
                        .toList());
    }
}
