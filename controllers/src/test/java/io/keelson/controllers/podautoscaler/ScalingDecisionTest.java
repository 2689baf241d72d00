package io.keelson.controllers.podautoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRulesBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.keelson.controllers.objects.SelectorParser;
import io.keelson.controllers.objects.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScalingDecisionTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    private Instant now = Instant.parse("2026-01-01T10:00:00Z");
    private final ScalingHistory history = new ScalingHistory(1, now.minus(Duration.ofDays(1)));

    private ScalingDecision decide(int current, int recommended, @Nullable HorizontalPodAutoscalerBehavior behavior) {
        return ScalingDecision.of(current, recommended, 2, 50, behavior, FIVE_MINUTES, history, now);
    }

    private static HPAScalingRules rules(String select, int window, Object... policies) {
        HPAScalingRulesBuilder rules =
                new HPAScalingRulesBuilder().withSelectPolicy(select).withStabilizationWindowSeconds(window);
        for (int i = 0; i < policies.length; i += 3) {
            rules.addNewPolicy()
                    .withType((String) policies[i])
                    .withValue((Integer) policies[i + 1])
                    .withPeriodSeconds((Integer) policies[i + 2])
                    .endPolicy();
        }
        return rules.build();
    }

    private void assertDecision(int replicas, String able, String limited, ScalingDecision decision) {
        assertEquals(replicas, decision.replicas());
        assertEquals(able, decision.ableToScale().reason());
        assertEquals(limited, decision.scalingLimited().reason());
        assertEquals(
                !limited.equals("DesiredWithinRange"), decision.scalingLimited().holds());
    }

    @Test
    void withoutBehaviorItAtMostDoublesAndWaitsFiveMinutesToGoDown() {
        assertDecision(6, "ReadyForNewScale", "DesiredWithinRange", decide(5, 6, null));
        assertDecision(10, "ReadyForNewScale", "ScaleUpLimit", decide(5, 30, null));
        now = now.plusSeconds(200);
        assertDecision(10, "ScaleDownStabilized", "ScaleUpLimit", decide(5, 3, null));
        now = now.plusSeconds(101);
        assertDecision(3, "ReadyForNewScale", "DesiredWithinRange", decide(5, 3, null));
    }

    @Test
    void theLimitsOfTheAutoscalerHold() {
        assertDecision(50, "ReadyForNewScale", "TooManyReplicas", decide(40, 60, null));
        now = now.plusSeconds(600);
        assertDecision(2, "ReadyForNewScale", "TooFewReplicas", decide(40, 1, null));
        assertDecision(4, "ReadyForNewScale", "ScaleUpLimit", decide(1, 20, null));
    }

    @Test
    void policiesLimitHowFastItGoes() {
        HorizontalPodAutoscalerBehavior behavior = new HorizontalPodAutoscalerBehavior(
                rules("Max", 0, "Pods", 2, 60, "Percent", 10, 60), rules("Max", 0, "Pods", 4, 60, "Percent", 50, 60));
        assertDecision(15, "ReadyForNewScale", "ScaleUpLimit", decide(10, 40, behavior));
        history.scaled(10, 15, now, Duration.ofMinutes(1));
        now = now.plusSeconds(30);
        assertDecision(15, "ReadyForNewScale", "ScaleUpLimit", decide(15, 40, behavior));
        now = now.plusSeconds(30);
        assertDecision(23, "ReadyForNewScale", "ScaleUpLimit", decide(15, 40, behavior));
        assertDecision(36, "ReadyForNewScale", "ScaleDownLimit", decide(40, 3, behavior));
    }

    @Test
    void theSelectPolicySaysWhichPolicyCounts() {
        HorizontalPodAutoscalerBehavior least = new HorizontalPodAutoscalerBehavior(
                rules("Min", 0, "Pods", 2, 60, "Percent", 10, 60), rules("Min", 0, "Pods", 4, 60, "Percent", 50, 60));
        assertEquals(14, decide(10, 40, least).replicas());
        assertEquals(38, decide(40, 3, least).replicas());
        HorizontalPodAutoscalerBehavior none =
                new HorizontalPodAutoscalerBehavior(rules("Disabled", 0), rules("Disabled", 0));
        assertDecision(10, "ReadyForNewScale", "ScaleUpLimit", decide(10, 40, none));
        assertDecision(40, "ReadyForNewScale", "ScaleDownLimit", decide(40, 3, none));
    }

    @Test
    void itGoesUpByTheLowestRecommendationOfItsWindow() {
        HorizontalPodAutoscalerBehavior behavior =
                new HorizontalPodAutoscalerBehavior(rules("Max", 60), rules("Max", 120));
        assertDecision(12, "ReadyForNewScale", "DesiredWithinRange", decide(10, 12, behavior));
        now = now.plusSeconds(15);
        assertDecision(12, "ScaleUpStabilized", "DesiredWithinRange", decide(12, 40, behavior));
        now = now.plusSeconds(15);
        assertDecision(12, "ScaleDownStabilized", "DesiredWithinRange", decide(12, 5, behavior));
        now = now.plusSeconds(105);
        assertDecision(12, "ReadyForNewScale", "DesiredWithinRange", decide(12, 12, behavior));
        now = now.plusSeconds(15);
        assertDecision(12, "ScaleDownStabilized", "DesiredWithinRange", decide(12, 5, behavior));
    }

    @Test
    void whatABehaviorDoesNotSayIsAsByDefault() {
        HorizontalPodAutoscalerBehavior behavior = new HorizontalPodAutoscalerBehavior();
        assertEquals(20, decide(10, 40, behavior).replicas());
        assertEquals(5, decide(1, 40, behavior).replicas());
        now = now.plusSeconds(299);
        assertDecision(20, "ScaleDownStabilized", "DesiredWithinRange", decide(20, 3, behavior));
        now = now.plusSeconds(1);
        assertDecision(3, "ReadyForNewScale", "DesiredWithinRange", decide(20, 3, behavior));
    }

    @Property
    void replicasStayBetweenTheLimitsAndNeverFlyPastTheRecommendations(
            @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 100) Integer> recommendations,
            @ForAll @IntRange(min = 2, max = 50) int start,
            @ForAll boolean withBehavior) {
        HorizontalPodAutoscalerBehavior behavior = withBehavior ? new HorizontalPodAutoscalerBehavior() : null;
        ScalingHistory own = new ScalingHistory(start, now);
        int current = start;
        int highest = start;
        int lowest = start;
        Instant at = now;
        for (int recommended : recommendations) {
            highest = Math.max(highest, recommended);
            lowest = Math.min(lowest, recommended);
            int replicas = ScalingDecision.of(current, recommended, 2, 50, behavior, FIVE_MINUTES, own, at)
                    .replicas();
            assertTrue(replicas >= 2 && replicas <= 50);
            assertTrue(replicas <= Math.max(2, highest) && replicas >= Math.min(50, lowest));
            assertTrue(replicas >= current || recommended < current);
            if (replicas != current) {
                own.scaled(current, replicas, at, Duration.ofSeconds(15));
            }
            current = replicas;
            at = at.plusSeconds(15);
        }
    }

    @Test
    void aStatusIsWrittenOnlyIfItSaysSomethingElse() {
        AutoscalerCondition able = new AutoscalerCondition(AutoscalerCondition.ABLE_TO_SCALE, true, "Yes", "it is");
        HorizontalPodAutoscaler bare = new HorizontalPodAutoscaler();
        StatusDraft first = new StatusDraft(bare, now);
        first.say(able);
        first.current(3, List.of());
        first.desired(4, true);
        HorizontalPodAutoscalerStatus written = first.changed();
        assertNotNull(written);
        assertEquals(now.toString(), written.getLastScaleTime());
        HorizontalPodAutoscaler after =
                new HorizontalPodAutoscalerBuilder(bare).withStatus(written).build();
        StatusDraft second = new StatusDraft(after, now.plusSeconds(15));
        second.say(able);
        second.current(3, List.of());
        second.desired(4, false);
        assertNull(second.changed());
        second.say(new AutoscalerCondition(AutoscalerCondition.ABLE_TO_SCALE, true, "Still", "it is"));
        HorizontalPodAutoscalerStatus again = second.changed();
        assertNotNull(again);
        assertEquals(now.toString(), again.getConditions().getFirst().getLastTransitionTime());
        assertEquals("Yes", written.getConditions().getFirst().getReason());
    }

    private static MetricEvaluation.Proposed proposed(int replicas) {
        return new MetricEvaluation.Proposed(
                replicas,
                "metric " + replicas,
                new MetricStatusBuilder().withType("Pods").build());
    }

    @Test
    void theHighestProposalCountsUnlessAnUnknownOneCouldBeHigher() {
        MetricEvaluation.Failed failed = new MetricEvaluation.Failed("FailedGetPodsMetric", "gone", "it is gone");
        ReplicaProposal highest = ReplicaProposal.of(List.of(proposed(3), proposed(7), proposed(5)), 4);
        assertEquals(7, highest.replicas());
        assertEquals(
                "the HPA was able to successfully calculate a replica count from metric 7",
                highest.condition().message());
        assertEquals(7, ReplicaProposal.of(List.of(failed, proposed(7)), 4).replicas());
        ReplicaProposal unknown = ReplicaProposal.of(List.of(failed, proposed(3)), 4);
        assertEquals("invalid metrics (1 invalid out of 2), first error is: it is gone", unknown.error());
        assertEquals("FailedGetPodsMetric", unknown.condition().reason());
        assertEquals("", unknown.statuses().getFirst().getType());
        assertEquals(0, ReplicaProposal.of(List.of(proposed(0)), 4).replicas());
    }

    @Test
    void selectorsAreReadAsTheApiWritesThem() {
        LabelSelector selector = SelectorParser.parse("app=web, tier in (a, b),!old,x!=y,z notin (q),k==v,there");
        assertTrue(Selectors.of(selector).test(Map.of("app", "web", "tier", "b", "k", "v", "there", "", "x", "z")));
        assertTrue(!Selectors.of(selector).test(Map.of("app", "web", "tier", "b", "k", "v", "there", "", "old", "1")));
        assertEquals("app=web,k=v,tier in (a,b),!old,x notin (y),z notin (q),there", SelectorParser.text(selector));
        for (String bad : List.of("a=b=c", "in (a)", "a in b", "a,,b", "a&b", "(")) {
            assertThrows(IllegalArgumentException.class, () -> SelectorParser.parse(bad), bad);
        }
    }
}
