package io.keelson.agent.pods.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.probe.ProbeKind;
import io.keelson.agent.probe.ProbeResult;
import io.keelson.agent.probe.ProbeResults;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
    private static final Instant NOW = Samples.NOW;
    private static final String ONE = "containers: [{name: a, image: x}]";
    private static final String INIT = """
        initContainers: [{name: i, image: x}, {name: j, image: x}]
        containers: [{name: a, image: x}]
        """;
    private static final String SIDECAR = """
        initContainers: [{name: s, image: x, restartPolicy: Always}, {name: i, image: x}]
        containers: [{name: a, image: x}]
        """;

    private static Situation situation(Pod pod, Samples.Runs runs) {
        return new Situation(
                pod,
                runs.build(),
                ProbeResults.NONE,
                Map.of(),
                Map.of(),
                Map.of(),
                Set.of(),
                NOW,
                NOW,
                NOW,
                BackOff.LIMIT);
    }

    /** The plan in words: {@code sandbox 0}, {@code start a 1}, {@code hold a}, {@code kill a}, {@code finish}, … */
    static String words(Situation situation) {
        return String.join(
                ", ",
                Planner.of(situation).actions().stream().map(PlannerTest::word).toList());
    }

    private static String word(Action action) {
        return switch (action) {
            case Action.StopPod _ -> "stop";
            case Action.RunSandbox sandbox -> "sandbox " + sandbox.attempt();
            case Action.Start start -> "start " + start.container().name() + ' ' + start.attempt();
            case Action.Hold hold -> "hold " + hold.container().name();
            case Action.Kill kill -> "kill " + kill.run().id();
            case Action.Resize resize -> "resize " + resize.container().name();
            case Action.ResizePod _ -> "resize pod";
            case Action.RestartAll all -> "restart all for " + all.trigger().id();
            case Action.Remove remove -> "remove " + remove.run().id();
            case Action.RemoveSandbox remove -> "remove " + remove.sandbox().getId();
            case Action.Finish _ -> "finish";
            case Action.Fail fail -> "fail " + fail.reason();
        };
    }

    private static String plan(String spec, UnaryOperator<Samples.Runs> runs) {
        Pod pod = Samples.pod(spec);
        return words(situation(pod, runs.apply(new Samples.Runs(pod))));
    }

    @Test
    void aPodOfWhichThereIsNothingGetsASandbox() {
        assertEquals("sandbox 0", plan(ONE, runs -> runs));
    }

    @Test
    void containersStartTogetherOnceTheSandboxIsThere() {
        assertEquals(
                "start a 0, start b 0",
                plan("containers: [{name: a, image: x}, {name: b, image: x}]", runs -> runs.sandbox(true)));
    }

    @Test
    void aSandboxThatDiedIsReplacedAndWhatIsLeftOfItStopped() {
        assertEquals("sandbox 1", plan(ONE, runs -> runs.sandbox(false).exited("a", 137)));
        assertEquals("stop, sandbox 1", plan(ONE, runs -> runs.sandbox(false).running("a")));
    }

    @Test
    void aPodThatIsNeverRestartedEndsWithItsSandbox() {
        assertEquals(
                "finish",
                plan(ONE + "\nrestartPolicy: Never", runs -> runs.sandbox(false).exited("a", 137)));
        assertEquals(
                "sandbox 1",
                plan(ONE + "\nrestartPolicy: Never", runs -> runs.sandbox(false)),
                "nothing has run in it yet");
    }

    @Test
    void onItsNodesNetworkAPodNeedsASandboxThere() {
        assertEquals("stop, sandbox 1", plan(ONE + "\nhostNetwork: true", runs -> runs.sandbox(true)));
    }

    @ParameterizedTest
    @CsvSource({
        "Always, 0, start a 1",
        "Always, 1, start a 1",
        "OnFailure, 0, finish",
        "OnFailure, 1, start a 1",
        "Never, 0, finish",
        "Never, 1, finish"
    })
    void whatEndedIsStartedAgainAsThePolicySays(String policy, int code, String expected) {
        assertEquals(
                expected,
                plan(
                        ONE + "\nrestartPolicy: " + policy,
                        runs -> runs.sandbox(true).exited("a", code)));
    }

    @ParameterizedTest
    @CsvSource({
        "'restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]', 42, start a 1",
        "'restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]', 1, finish",
        "'restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: NotIn, values: [42]}}]', 1, start a 1",
        "'restartPolicy: Always', 0, start a 1",
        "'restartPolicy: OnFailure', 0, finish"
    })
    void aContainersOwnPolicyAndRulesComeBeforeItsPods(String own, int code, String expected) {
        assertEquals(
                expected,
                plan(
                        "restartPolicy: Never\ncontainers: [{name: a, image: x, " + own + "}]",
                        runs -> runs.sandbox(true).exited("a", code)));
    }

    @Test
    void aRuleMayStartAllContainersAnew() {
        String spec = """
            restartPolicy: Never
            initContainers: [{name: i, image: x}]
            containers:
            - name: a
              image: x
              restartPolicy: Never
              restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [88]}}]
            - {name: b, image: x}
            """;
        assertEquals(
                "restart all for a-0",
                plan(
                        spec,
                        runs -> runs.sandbox(true)
                                .exited("i", 0)
                                .exited("a", 88)
                                .running("b")));
        assertEquals(
                "",
                plan(
                        spec,
                        runs -> runs.sandbox(true).exited("i", 0).exited("a", 1).running("b")));
    }

    @Test
    void initContainersRunOneAfterTheOther() {
        assertEquals("start i 0", plan(INIT, runs -> runs.sandbox(true)));
        assertEquals("", plan(INIT, runs -> runs.sandbox(true).running("i")));
        assertEquals("start j 0", plan(INIT, runs -> runs.sandbox(true).exited("i", 0)));
        assertEquals(
                "start a 0",
                plan(INIT, runs -> runs.sandbox(true).exited("i", 0).exited("j", 0)));
    }

    @Test
    void aFailedInitContainerIsStartedAgainOrEndsThePod() {
        assertEquals("start i 1", plan(INIT, runs -> runs.sandbox(true).exited("i", 1)));
        assertEquals(
                "finish",
                plan(INIT + "restartPolicy: Never", runs -> runs.sandbox(true).exited("i", 1)));
    }

    @Test
    void inANewSandboxInitContainersRunAgain() {
        assertEquals(
                "start i 1",
                plan(
                        INIT,
                        runs -> runs.sandbox(false)
                                .exited("i", 0)
                                .exited("j", 0)
                                .exited("a", 137)
                                .sandbox(true)));
    }

    @Test
    void anInitContainerWhoseRunWasForgottenIsDoneIfALaterOneRan() {
        assertEquals("start a 0", plan(INIT, runs -> runs.sandbox(true).exited("j", 0)));
        assertEquals("", plan(INIT, runs -> runs.sandbox(true).running("a")));
    }

    @Test
    void aSidecarStartsInItsTurnAndTheNextOneDoesNotWaitForItsEnd() {
        assertEquals("start s 0", plan(SIDECAR, runs -> runs.sandbox(true)));
        assertEquals("start i 0", plan(SIDECAR, runs -> runs.sandbox(true).running("s")));
        assertEquals(
                "start a 0",
                plan(SIDECAR, runs -> runs.sandbox(true).running("s").exited("i", 0)));
    }

    @Test
    void aSidecarThatEndedIsStartedAgainWhateverThePolicy() {
        assertEquals(
                "start s 1",
                plan(
                        SIDECAR + "restartPolicy: Never",
                        runs -> runs.sandbox(true).exited("s", 0).exited("i", 0).running("a")));
    }

    @Test
    void sidecarsDoNotKeepAPodAlive() {
        assertEquals(
                "finish",
                plan(
                        SIDECAR + "restartPolicy: Never",
                        runs -> runs.sandbox(true).running("s").exited("i", 0).exited("a", 0)));
    }

    @Test
    void whatWaitsForASidecarWaitsForItsStartupProbe() {
        Pod pod = Samples.pod("""
            initContainers: [{name: s, image: x, restartPolicy: Always, startupProbe: {exec: {command: [x]}}}]
            containers: [{name: a, image: x}]
            """);
        Situation waiting = situation(pod, new Samples.Runs(pod).sandbox(true).running("s"));
        assertEquals("", words(waiting));
        assertEquals("start a 0", words(probed(waiting, "s-0", ProbeKind.STARTUP, ProbeResult.SUCCESS)));
    }

    private static Situation probed(Situation from, String id, ProbeKind kind, ProbeResult result) {
        ProbeResults probes = (asked, of) -> asked.equals(id) && of == kind ? Optional.of(result) : Optional.empty();
        return new Situation(
                from.pod(),
                from.runtime(),
                probes,
                from.backOffs(),
                from.endedAt(),
                from.actuated(),
                from.replaced(),
                from.startedAt(),
                from.now(),
                from.wallClock(),
                from.backOffLimit());
    }

    @ParameterizedTest
    @CsvSource({
        "LIVENESS, Always, 'kill a-0, start a 1', 'Container a failed liveness probe, will be restarted'",
        "STARTUP, Always, 'kill a-0, start a 1', 'Container a failed startup probe, will be restarted'",
        "LIVENESS, Never, kill a-0, Container a failed liveness probe"
    })
    void aFailedProbeStopsAContainerAndStartsItAgainIfItMayBe(
            ProbeKind kind, String policy, String expected, String message) {
        Pod pod = Samples.pod(ONE + "\nrestartPolicy: " + policy);
        Situation failing = probed(
                situation(pod, new Samples.Runs(pod).sandbox(true).running("a")), "a-0", kind, ProbeResult.FAILURE);
        assertEquals(expected, words(failing));
        Action.Kill kill = (Action.Kill) Planner.of(failing).actions().getFirst();
        assertEquals(message, kill.message());
    }

    @Test
    void aChangedImageIsAnotherContainer() {
        Pod before = Samples.pod(ONE);
        Samples.Runs runs = new Samples.Runs(before).sandbox(true).running("a");
        Situation changed = situation(Samples.pod("containers: [{name: a, image: y}]"), runs);
        assertEquals("kill a-0, start a 1", words(changed));
        assertEquals(
                "Container a definition changed, will be restarted",
                ((Action.Kill) Planner.of(changed).actions().getFirst()).message());
    }

    @Test
    void whatWasStoppedToBeStartedAgainIsSoWhateverItEndedWith() {
        Pod pod = Samples.pod(ONE + "\nrestartPolicy: OnFailure");
        Situation ended = situation(pod, new Samples.Runs(pod).sandbox(true).exited("a", 0));
        assertEquals("finish", words(ended));
        Situation replaced = new Situation(
                pod,
                ended.runtime(),
                ended.probes(),
                Map.of(),
                Map.of(),
                Map.of(),
                Set.of("a-0"),
                NOW,
                NOW,
                NOW,
                BackOff.LIMIT);
        assertEquals("start a 1", words(replaced));
    }

    @Test
    void ephemeralContainersStartOnceAndNeverAgain() {
        String spec = ONE + "\nephemeralContainers: [{name: e, image: x}]";
        assertEquals("start e 0", plan(spec, runs -> runs.sandbox(true).running("a")));
        assertEquals("", plan(spec, runs -> runs.sandbox(true).running("a").exited("e", 1)));
        assertEquals("spec.ephemeralContainers{e}", PodContainers.fieldPath(Samples.pod(spec), "e"));
    }

    @Test
    void aContainerThatWasMadeButNotStartedIsMadeAgain() {
        assertEquals("start a 1", plan(ONE, runs -> runs.sandbox(true).created("a")));
        assertEquals("kill a-0, start a 1", plan(ONE, runs -> runs.sandbox(true).unknown("a")));
    }

    @Test
    void onlyTheLastTwoRunsAreKept() {
        assertEquals(
                "remove a-0",
                plan(
                        ONE,
                        runs -> runs.sandbox(true).exited("a", 1).exited("a", 1).running("a")));
    }

    @Test
    void aSandboxIsForgottenWithTheLastOfItsRuns() {
        assertEquals(
                "",
                plan(
                        ONE,
                        runs -> runs.sandbox(false).exited("a", 1).sandbox(true).running("a")));
        assertEquals(
                "remove s0", plan(ONE, runs -> runs.sandbox(false).sandbox(true).running("a")));
    }

    @Test
    void aContainerThatKeepsEndingWaitsTenSecondsThenTwiceThatUpToFiveMinutes() {
        Pod pod = Samples.pod(ONE);
        String key = ContainerHash.key(pod.getSpec().getContainers().getFirst());
        Situation first = situation(pod, new Samples.Runs(pod).sandbox(true).exited("a", 1));
        Action.Start start = (Action.Start) Planner.of(first).actions().getFirst();
        BackOff known = start.backOff();
        Instant now = NOW;
        for (long seconds : new long[] {10, 20, 40, 80, 160, 300, 300}) {
            Situation ended = again(first, Map.of(key, known), now, now);
            Plan plan = Planner.of(ended);
            assertEquals("hold a", words(ended));
            assertEquals(Optional.of(Duration.ofSeconds(seconds)), plan.again());
            now = now.plusSeconds(seconds);
            Situation over = again(first, Map.of(key, known), now.minusSeconds(seconds), now);
            assertEquals("start a 1", words(over));
            known = ((Action.Start) Planner.of(over).actions().getFirst()).backOff();
        }
        Instant later = now.plus(BackOff.LIMIT.multipliedBy(2)).plusSeconds(1);
        assertEquals("start a 1", words(again(first, Map.of(key, known), later, later)), "it ran long enough");
    }

    private static Situation again(Situation from, Map<String, BackOff> known, Instant endedAt, Instant now) {
        return new Situation(
                from.pod(),
                from.runtime(),
                from.probes(),
                known,
                Map.of("a-0", endedAt),
                from.actuated(),
                from.replaced(),
                from.startedAt(),
                now,
                now,
                from.backOffLimit());
    }

    @Test
    void whoWaitsIsToldForHowLongAndInWhichPod() {
        Pod pod = Samples.pod(ONE);
        String key = ContainerHash.key(pod.getSpec().getContainers().getFirst());
        Situation ended = again(
                situation(pod, new Samples.Runs(pod).sandbox(true).exited("a", 1)),
                Map.of(key, new BackOff(Duration.ofSeconds(80), NOW)),
                NOW,
                NOW);
        Action.Hold hold = (Action.Hold) Planner.of(ended).actions().getFirst();
        assertEquals("back-off 1m20s restarting failed container=a pod=web_default(uid-1)", hold.message());
    }

    @Test
    void aPodThatMayRunOnlySoLongFailsThen() {
        Pod pod = Samples.pod(ONE + "\nactiveDeadlineSeconds: 30");
        Situation from = situation(pod, new Samples.Runs(pod).sandbox(true).running("a"));
        assertEquals(Optional.of(Duration.ofSeconds(30)), Planner.of(from).again());
        Situation late = new Situation(
                pod,
                from.runtime(),
                from.probes(),
                Map.of(),
                Map.of(),
                Map.of(),
                Set.of(),
                NOW.minusSeconds(30),
                NOW,
                NOW,
                BackOff.LIMIT);
        assertEquals("fail DeadlineExceeded", words(late));
    }

    @ParameterizedTest
    @CsvSource({"NotRequired, resize a", "RestartContainer, 'kill a-0, start a 1'"})
    void otherResourcesAreToldOrNeedARestartAsTheContainerSays(String policy, String expected) {
        Pod pod = Samples.pod("""
            containers:
            - name: a
              image: x
              resources: {requests: {cpu: 200m}}
              resizePolicy: [{resourceName: cpu, restartPolicy: %s}]
            """.formatted(policy));
        Situation from = situation(pod, new Samples.Runs(pod).sandbox(true).running("a"));
        Situation told = new Situation(
                pod,
                from.runtime(),
                from.probes(),
                Map.of(),
                Map.of(),
                Map.of(
                        "a-0",
                        new ResourceRequirementsBuilder()
                                .addToRequests("cpu", new Quantity("100m"))
                                .build()),
                Set.of(),
                NOW,
                NOW,
                NOW,
                BackOff.LIMIT);
        assertEquals("", words(from));
        assertEquals(expected, words(told));
        assertEquals(List.of(), Planner.of(from).actions());
    }
}
