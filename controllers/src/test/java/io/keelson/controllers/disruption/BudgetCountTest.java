package io.keelson.controllers.disruption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpecBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BudgetCountTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

    private static Pod pod(String name, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("n")
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }

    private static Pod terminating(String name) {
        return new PodBuilder(pod(name, true))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T09:00:00Z")
                .endMetadata()
                .build();
    }

    private static PodDisruptionBudget budget(Map<String, String> disrupted) {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withNamespace("n")
                .withName("b")
                .withGeneration(3L)
                .endMetadata()
                .withNewStatus()
                .withDisruptedPods(disrupted)
                .endStatus()
                .build();
    }

    private static PodDisruptionBudgetSpec spec(IntOrString atLeast, IntOrString atMost) {
        return new PodDisruptionBudgetSpecBuilder()
                .withMinAvailable(atLeast)
                .withMaxUnavailable(atMost)
                .build();
    }

    private static DisruptionLimit atLeast(Object value) throws CountException {
        return Objects.requireNonNull(DisruptionLimit.of(new PodDisruptionBudgetSpecBuilder()
                .withMinAvailable(new IntOrString(value))
                .build()));
    }

    private static DisruptionLimit atMost(Object value) throws CountException {
        return Objects.requireNonNull(DisruptionLimit.of(new PodDisruptionBudgetSpecBuilder()
                .withMaxUnavailable(new IntOrString(value))
                .build()));
    }

    @Test
    void partsOfPodsAreWholeOnes() throws CountException {
        assertEquals(4, atLeast("50%").desiredHealthy(7));
        assertEquals(3, atMost("50%").desiredHealthy(7));
        assertEquals(0, atMost("100%").desiredHealthy(7));
        assertEquals(7, atMost("0%").desiredHealthy(7));
        assertEquals(9, atLeast(9).desiredHealthy(7));
        assertEquals(0, atMost(9).desiredHealthy(7));
        assertEquals(5, atMost(2).desiredHealthy(7));
    }

    @Test
    void aBudgetWithoutLimitDemandsNothing() throws CountException {
        assertNull(DisruptionLimit.of(new PodDisruptionBudgetSpec()));
    }

    @Test
    void ofTwoLimitsTheUnavailableCount() throws CountException {
        DisruptionLimit limit = DisruptionLimit.of(spec(new IntOrString(1), new IntOrString(2)));
        assertEquals(new DisruptionLimit(true, 2, false), limit);
    }

    @Test
    void whatIsNoPercentageIsAFault() {
        for (String text : List.of("half", "", "5", "%", "-5%", "1e3%", "99999999999%")) {
            assertThrows(CountException.class, () -> atLeast(text), text);
        }
    }

    @Property
    void percentagesAreWhatExactArithmeticSays(@ForAll @IntRange(max = 100) int percent, @ForAll @IntRange int pods)
            throws CountException {
        int healthy = atLeast(percent + "%").desiredHealthy(pods);
        double exact = percent / 100.0 * pods;
        assertEquals(exact, healthy, 1.0 + 1e-6);
        assertEquals(true, healthy >= exact - 1e-6 * Math.max(1, exact));
        assertEquals(pods - healthy, atMost(percent + "%").desiredHealthy(pods));
    }

    @Test
    void onlyReadyPodsThatStayAreHealthy() {
        BudgetCount count = BudgetCount.of(
                budget(Map.of("evicted", "2026-01-01T09:59:00Z", "gone", "2026-01-01T09:59:00Z")),
                List.of(pod("a", true), pod("b", false), terminating("c"), pod("evicted", true)),
                NOW);
        assertEquals(1, count.currentHealthy());
        assertEquals(Map.of("evicted", "2026-01-01T09:59:00Z"), count.disruptedPods());
        assertEquals(NOW.plus(Duration.ofMinutes(1)), count.next());
        assertEquals(List.of(), count.overdue());
    }

    @Test
    void whatWasToGoAndDidNotCountsAgain() {
        PodDisruptionBudget budget = budget(Map.of("evicted", "2026-01-01T09:58:00Z"));
        List<Pod> pods = List.of(pod("evicted", true));
        BudgetCount atItsTime = BudgetCount.of(budget, pods, NOW);
        assertEquals(1, atItsTime.currentHealthy());
        assertEquals(1, atItsTime.disruptedPods().size());
        BudgetCount after = BudgetCount.of(budget, pods, NOW.plusMillis(1));
        assertEquals(1, after.currentHealthy());
        assertEquals(pods, after.overdue());
        assertEquals(Map.of(), after.disruptedPods());
        assertNull(after.next());
    }

    @Test
    void nothingMayGoWhereNothingIsExpected() {
        BudgetCount count = new BudgetCount(5, Map.of(), List.of(), null);
        assertEquals(0, count.allowed(0, 0));
        assertEquals(2, count.allowed(3, 4));
        assertEquals(0, count.allowed(6, 4));
    }

    @Test
    void theConditionSaysWhyAndKeepsItsTime() {
        PodDisruptionBudget budget = budget(Map.of());
        BudgetCount two = new BudgetCount(2, Map.of(), List.of(), null);
        PodDisruptionBudgetStatus first = two.status(budget, 1, 2, NOW);
        Condition allowed = first.getConditions().getFirst();
        assertEquals("DisruptionAllowed", allowed.getType());
        assertEquals("True", allowed.getStatus());
        assertEquals("SufficientPods", allowed.getReason());
        assertEquals(3L, allowed.getObservedGeneration());
        assertEquals(1, first.getDisruptionsAllowed());

        PodDisruptionBudget counted =
                new PodDisruptionBudgetBuilder(budget).withStatus(first).build();
        assertEquals(first, two.status(counted, 1, 2, NOW.plusSeconds(60)));

        PodDisruptionBudgetStatus less =
                new BudgetCount(1, Map.of(), List.of(), null).status(counted, 1, 2, NOW.plusSeconds(60));
        assertEquals("InsufficientPods", less.getConditions().getFirst().getReason());
        assertEquals("2026-01-01T10:01:00Z", less.getConditions().getFirst().getLastTransitionTime());

        PodDisruptionBudgetStatus failed = BudgetCount.failed(counted, "no idea", NOW.plusSeconds(90));
        assertEquals(0, failed.getDisruptionsAllowed());
        assertEquals(2, failed.getCurrentHealthy());
        assertEquals("SyncFailed", failed.getConditions().getFirst().getReason());
        assertEquals("no idea", failed.getConditions().getFirst().getMessage());
    }

    @Test
    void aMarkIsStaleAfterTwoMinutesUnlessItIsAKubelets() {
        Pod marked = new PodBuilder(pod("p", true))
                .editStatus()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("EvictionByEvictionAPI")
                .withLastTransitionTime("2026-01-01T10:00:00Z")
                .endCondition()
                .endStatus()
                .build();
        assertEquals(NOW.plus(Duration.ofMinutes(2)), StaleDisruption.when(marked));
        Pod cleared = StaleDisruption.cleared(marked, NOW);
        assertNull(StaleDisruption.when(cleared));
        assertEquals(2, cleared.getStatus().getConditions().size());
        assertNull(cleared.getStatus().getConditions().get(1).getReason());
        assertNull(StaleDisruption.when(new PodBuilder(marked)
                .editStatus()
                .editLastCondition()
                .withReason("TerminationByKubelet")
                .endCondition()
                .endStatus()
                .build()));
        assertNull(StaleDisruption.when(new PodBuilder(marked)
                .editStatus()
                .withPhase("Failed")
                .endStatus()
                .build()));
    }
}
