package io.keelson.controllers.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeletionConditionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Outlook FINE = new Outlook(null, null, List.of(), Map.of(), Map.of(), 0);

    private static List<String> texts(List<NamespaceCondition> conditions) {
        return conditions.stream()
                .map(one -> one.getType() + " " + one.getStatus() + " " + one.getReason() + ": " + one.getMessage())
                .toList();
    }

    @Test
    void ofANamespaceThatIsEmptyAllAreFalse() {
        assertEquals(
                List.of(
                        "NamespaceDeletionDiscoveryFailure False ResourcesDiscovered: All resources successfully"
                                + " discovered",
                        "NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions: All legacy kube types"
                                + " successfully parsed",
                        "NamespaceDeletionContentFailure False ContentDeleted: All content successfully deleted, may"
                                + " be waiting on finalization",
                        "NamespaceContentRemaining False ContentRemoved: All content successfully removed",
                        "NamespaceFinalizersRemaining False ContentHasNoFinalizers: All content-preserving finalizers"
                                + " finished"),
                texts(DeletionConditions.after(List.of(), FINE, NOW)));
    }

    @Test
    void eachSaysWhatIsInTheWay() {
        Outlook outlook = new Outlook(
                "Discovery failed for some groups, 1 failing: x",
                "unexpected GroupVersion string: a/b/c",
                List.of("two", "one"),
                Map.of("pods.", 3, "deployments.apps", 1),
                Map.of("example.com/b", 1, "example.com/a", 2),
                15);
        assertEquals(
                List.of(
                        "NamespaceDeletionDiscoveryFailure True DiscoveryFailed: Discovery failed for some groups, 1"
                                + " failing: x",
                        "NamespaceDeletionGroupVersionParsingFailure True GroupVersionParsingFailed: unexpected"
                                + " GroupVersion string: a/b/c",
                        "NamespaceDeletionContentFailure True ContentDeletionFailed: Failed to delete all resource"
                                + " types, 2 remaining: one, two",
                        "NamespaceContentRemaining True SomeResourcesRemain: Some resources are remaining:"
                                + " deployments.apps has 1 resource instances, pods. has 3 resource instances",
                        "NamespaceFinalizersRemaining True SomeFinalizersRemain: Some content in the namespace has"
                                + " finalizers remaining: example.com/a in 2 resource instances, example.com/b in 1"
                                + " resource instances"),
                texts(DeletionConditions.after(List.of(), outlook, NOW)));
        assertEquals("two, one", outlook.problem());
    }

    @Test
    void theTimeOfAChangeIsThatOfTheStatusAlone() {
        List<NamespaceCondition> before = DeletionConditions.after(List.of(), FINE, NOW);
        Instant later = NOW.plusSeconds(60);
        assertEquals(before, DeletionConditions.after(before, FINE, later));
        Outlook one = new Outlook(null, null, List.of(), Map.of("pods.", 1), Map.of(), 15);
        Outlook two = new Outlook(null, null, List.of(), Map.of("pods.", 2), Map.of(), 15);
        List<NamespaceCondition> changed = DeletionConditions.after(before, one, later);
        assertEquals("2026-01-01T00:01:00Z", changed.get(3).getLastTransitionTime());
        assertEquals("2026-01-01T00:00:00Z", changed.get(2).getLastTransitionTime());
        assertEquals(
                "2026-01-01T00:01:00Z",
                DeletionConditions.after(changed, two, later.plusSeconds(60))
                        .get(3)
                        .getLastTransitionTime());
    }

    @Test
    void conditionsOfOthersStay() {
        List<NamespaceCondition> before = new ArrayList<>();
        before.add(new NamespaceConditionBuilder().withType("Theirs").build());
        List<NamespaceCondition> after = DeletionConditions.after(before, FINE, NOW);
        assertEquals(6, after.size());
        assertEquals("Theirs", after.getFirst().getType());
    }

    private static Pod pod(@Nullable Long grace, String phase) {
        return new PodBuilder()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(grace)
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    @Test
    void thePodThatMayTakeLongestIsWaitedForUntilItsTimeIsOver() {
        List<Pod> pods =
                List.of(pod(30L, "Running"), pod(60L, "Pending"), pod(900L, "Succeeded"), pod(null, "Running"));
        assertEquals(60, PodGrace.seconds(pods, NOW, NOW.plusSeconds(59)));
        assertEquals(0, PodGrace.seconds(pods, NOW, NOW.plusSeconds(60)));
        assertEquals(0, PodGrace.seconds(List.of(), NOW, NOW));
    }

    @Test
    void oneLooksSoonAtFirstAndNeverLaterThanAfterHalfTheWait() {
        assertEquals(Duration.ofSeconds(1), NamespaceController.wait(30, Duration.ZERO));
        assertEquals(Duration.ofSeconds(3), NamespaceController.wait(30, Duration.ofSeconds(6)));
        assertEquals(Duration.ofSeconds(16), NamespaceController.wait(30, Duration.ofSeconds(600)));
    }
}
