package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.controllers.hollow.PodScript.Addresses;
import io.keelson.controllers.hollow.PodScript.Step;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Plays pods against a status that is kept here: what a step reports is what the next look sees. */
class PodScriptTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Addresses ADDRESSES = new Addresses(() -> "10.0.0.1", () -> "172.16.0.1");

    private Instant now = START;
    private Pod pod = TestNodes.pod("n", "p", "hollow-0")
            .editMetadata()
            .withUid("u")
            .endMetadata()
            .build();
    private final List<String> story = new ArrayList<>();

    private static PodRules rules(String body) {
        return PodRules.parse("rules:\n- jitter: 0\n" + body.indent(2), 1);
    }

    /** What happened, each with its second, until nothing is left to happen or a time is over. */
    private List<String> play(PodRules rules, Duration length) {
        PodScript script = new PodScript(rules);
        Played played = Played.first(PodView.of(pod, rules.match(pod)), now);
        while (true) {
            Step step = script.next(played, ADDRESSES, now);
            switch (step) {
                case Step.Rest _ -> {
                    return story;
                }
                case Step.Wait wait -> {
                    assertTrue(wait.time().isPositive());
                    if (now.plus(wait.time()).isAfter(START.plus(length))) {
                        return story;
                    }
                    now = now.plus(wait.time());
                }
                case Step.Report report -> {
                    merge(report.status());
                    played = played.after(report.progress(), now);
                    assertInstanceOf(
                            Step.class, script.next(played, ADDRESSES, now), "a watch that is late does no harm");
                    played = played.with(PodView.of(pod, played.view().rule()), now);
                    tell(at() + pod.getStatus().getPhase() + describe());
                }
                case Step.Delete _ -> {
                    tell(at() + "deleted");
                    return story;
                }
            }
        }
    }

    private void tell(String line) {
        story.add(line);
    }

    private String at() {
        return Duration.between(START, now).toSeconds() + " ";
    }

    private String describe() {
        ContainerStatus container = pod.getStatus().getContainerStatuses().getFirst();
        String state = container.getState().getRunning() != null
                ? "running"
                : container.getState().getWaiting() != null
                        ? container.getState().getWaiting().getReason()
                        : "exit " + container.getState().getTerminated().getExitCode();
        return ' ' + state + (isTrue("Ready") ? " ready" : "") + " restarts " + container.getRestartCount();
    }

    private boolean isTrue(String type) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> type.equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private void merge(PodStatus change) {
        PodBuilder merged = new PodBuilder(pod);
        for (PodCondition condition : OrEmpty.of(change.getConditions())) {
            merged.editOrNewStatus()
                    .removeMatchingFromConditions(each -> condition.getType().equals(each.getType()))
                    .addToConditions(condition)
                    .endStatus();
        }
        if (change.getPhase() != null) {
            merged.editStatus().withPhase(change.getPhase()).endStatus();
        }
        if (change.getPodIP() != null) {
            merged.editStatus().withPodIP(change.getPodIP()).endStatus();
        }
        pod = merged.editStatus()
                .withContainerStatuses(change.getContainerStatuses())
                .endStatus()
                .build();
    }

    private void restartPolicy(String policy) {
        pod = new PodBuilder(pod).editSpec().withRestartPolicy(policy).endSpec().build();
    }

    private void deleted(@Nullable String finalizer) {
        pod = new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp(now.plusSeconds(30).toString())
                .withFinalizers(finalizer == null ? List.of() : List.of(finalizer))
                .endMetadata()
                .build();
    }

    @Test
    void aPodRunsThenIsReadyAndStaysSo() {
        assertEquals(
                List.of("2 Running running restarts 0", "5 Running running ready restarts 0"),
                play(rules("runningAfter: 2s\nreadyAfter: 3s"), Duration.ofDays(1)));
        assertEquals("10.0.0.1", pod.getStatus().getPodIP());
        assertTrue(isTrue("Initialized") && isTrue("PodReadyToStartContainers") && isTrue("ContainersReady"));
    }

    @Test
    void aPodThatExitsSucceedsOrFailsByItsCode() {
        restartPolicy("Never");
        assertEquals(
                List.of("0 Running running ready restarts 0", "60 Failed exit 3 restarts 0"),
                play(rules("runningAfter: 0\nexit: {after: 1m, code: 3}"), Duration.ofDays(1)));
    }

    @Test
    void aPodThatExitsWellIsNotStartedAgainOnFailure() {
        restartPolicy("OnFailure");
        assertEquals(
                List.of("0 Running running ready restarts 0", "7 Succeeded exit 0 restarts 0"),
                play(rules("runningAfter: 0\nexit: {after: 7s}"), Duration.ofDays(1)));
        PodCondition initialized = pod.getStatus().getConditions().stream()
                .filter(condition -> "Initialized".equals(condition.getType()))
                .findFirst()
                .orElseThrow();
        assertEquals("PodCompleted", initialized.getReason());
    }

    @Test
    void aPodThatCrashesIsStartedAgainLaterEachTime() {
        assertEquals(
                List.of(
                        "0 Running running ready restarts 0",
                        "10 Running running ready restarts 1",
                        "20 Running CrashLoopBackOff restarts 1",
                        "30 Running running ready restarts 2",
                        "40 Running CrashLoopBackOff restarts 2",
                        "60 Running running ready restarts 3",
                        "70 Running CrashLoopBackOff restarts 3",
                        "110 Running running ready restarts 4"),
                play(rules("runningAfter: 0\nexit: {after: 10s, code: 1}"), Duration.ofSeconds(115)));
        assertEquals(
                1,
                pod.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getLastState()
                        .getTerminated()
                        .getExitCode());
    }

    @Test
    void aPodThatNeverBecomesReadyExitsAllTheSame() {
        restartPolicy("Never");
        assertEquals(
                List.of("0 Running running restarts 0", "5 Succeeded exit 0 restarts 0"),
                play(rules("runningAfter: 0\nreadyAfter: 1h\nexit: {after: 5s}"), Duration.ofDays(1)));
    }

    @Test
    void aPodWithAGateThatIsClosedIsNotReadyUntilItOpens() {
        pod = new PodBuilder(pod)
                .editSpec()
                .addNewReadinessGate("example.com/gate")
                .endSpec()
                .build();
        PodRules rules = rules("runningAfter: 0");
        assertEquals(List.of("0 Running running restarts 0"), play(rules, Duration.ofDays(1)));
        assertTrue(isTrue("ContainersReady"));
        pod = new PodBuilder(pod)
                .editStatus()
                .addNewCondition()
                .withType("example.com/gate")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
        assertEquals(
                "0 Running running ready restarts 0",
                play(rules, Duration.ofDays(1)).getLast());
    }

    @Test
    void aPodThatIsDeletedTakesItsTimeAndIsGone() {
        PodRules rules = rules("runningAfter: 0\nstopAfter: 4s");
        play(rules, Duration.ofDays(1));
        deleted(null);
        assertEquals(List.of("0 Running running ready restarts 0", "4 deleted"), play(rules, Duration.ofDays(1)));
    }

    @Test
    void whoHoldsAPodSeesHowItEndedAndItsGracePeriodIsKept() {
        PodRules rules = rules("runningAfter: 0\nstopAfter: 1h");
        play(rules, Duration.ofDays(1));
        deleted("example.com/held");
        assertEquals(
                List.of("0 Running running ready restarts 0", "30 Failed exit 143 restarts 0", "30 deleted"),
                play(rules, Duration.ofDays(1)));
    }

    @Test
    void aPodThatIsDeletedBeforeItRanIsGoneAtOnce() {
        deleted(null);
        assertEquals(List.of("0 deleted"), play(rules("runningAfter: 1h"), Duration.ofDays(1)));
    }

    @Test
    void aProcessThatStartsLaterGoesOnWhereTheLastOneWas() {
        restartPolicy("Never");
        PodRules rules = rules("runningAfter: 0\nexit: {after: 1m}");
        play(rules, Duration.ofSeconds(10));
        now = START.plusSeconds(40);
        assertEquals(
                "60 Succeeded exit 0 restarts 0",
                play(rules, Duration.ofDays(1)).getLast());
        assertNull(Played.first(PodView.of(pod, 0), now).doneAt());
    }
}
