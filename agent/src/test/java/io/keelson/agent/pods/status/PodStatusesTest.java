package io.keelson.agent.pods.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.status.StatusView.Waiting;
import io.keelson.agent.probe.ProbeKind;
import io.keelson.agent.probe.ProbeResult;
import io.keelson.agent.probe.ProbeResults;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodStatusesTest {
    private static final String ONE = "containers: [{name: a, image: x}]";
    private static final String INIT = "initContainers: [{name: i, image: x}]\n" + ONE;

    /** A view that a test changes before it looks. */
    private static final class Look {
        private Pod pod;
        private PodStatus previous = new PodStatus();
        private Map<String, Waiting> waiting = Map.of();
        private ProbeResults probes = ProbeResults.NONE;
        private Map<String, String> messages = Map.of();
        private Map<String, List<ResourceStatus>> devices = Map.of();
        private Set<String> replaced = Set.of();
        private boolean ending;
        private boolean ended;
        private Optional<Verdict> verdict = Optional.empty();
        private Instant now = Samples.NOW;

        Look(String spec) {
            pod = Samples.pod(spec);
        }

        PodStatus at(UnaryOperator<Samples.Runs> runs) {
            return PodStatuses.of(new StatusView(
                    pod,
                    pod,
                    previous,
                    runs.apply(new Samples.Runs(pod)).build(),
                    "fake",
                    waiting,
                    probes,
                    messages,
                    Map.of(),
                    devices,
                    replaced,
                    List.of("192.0.2.1"),
                    ending,
                    ended,
                    verdict,
                    List.of(),
                    Samples.NOW,
                    now));
        }
    }

    private static PodCondition condition(PodStatus status, String type) {
        PodCondition found = PodConditions.find(status.getConditions(), type);
        if (found == null) {
            throw new AssertionError("no condition " + type + " in " + status);
        }
        return found;
    }

    private static String conditions(PodStatus status) {
        return String.join(
                " ",
                List.of("PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "PodScheduled").stream()
                        .map(type -> condition(status, type).getStatus().substring(0, 1))
                        .toList());
    }

    private static ContainerStatus only(PodStatus status) {
        return status.getContainerStatuses().getFirst();
    }

    @Test
    void beforeAnythingIsThereContainersAreBeingCreated() {
        PodStatus status = new Look(ONE).at(runs -> runs);
        assertEquals("Pending", status.getPhase());
        assertEquals("ContainerCreating", only(status).getState().getWaiting().getReason());
        assertEquals("F T F F T", conditions(status));
        assertEquals(
                "containers with unready status: [a]",
                condition(status, "ContainersReady").getMessage());
        assertEquals("ContainersNotReady", condition(status, "Ready").getReason());
        assertEquals("192.0.2.1", status.getHostIP());
        assertNull(status.getPodIP());
        assertEquals("BestEffort", status.getQosClass());
        assertEquals("2026-06-01T12:00:00Z", status.getStartTime());
    }

    @Test
    void whileInitContainersRunThePodIsInitializing() {
        PodStatus status = new Look(INIT).at(runs -> runs.sandbox(true).running("i"));
        assertEquals("Pending", status.getPhase());
        assertEquals("PodInitializing", only(status).getState().getWaiting().getReason());
        assertEquals("T F F F T", conditions(status));
        assertEquals(
                "containers with incomplete status: [i]",
                condition(status, "Initialized").getMessage());
        assertEquals(
                "ContainersNotInitialized", condition(status, "Initialized").getReason());
    }

    @Test
    void whatRunsIsRunningAndReady() {
        PodStatus status = new Look(ONE).at(runs -> runs.sandbox(true).running("a"));
        assertEquals("Running", status.getPhase());
        assertEquals("T T T T T", conditions(status));
        assertEquals("10.0.0.1", status.getPodIP());
        assertEquals("fake://a-0", only(status).getContainerID());
        assertEquals(
                "2026-06-01T12:00:00Z", only(status).getState().getRunning().getStartedAt());
        assertTrue(only(status).getReady());
        assertTrue(only(status).getStarted());
        assertEquals(1, condition(status, "Ready").getObservedGeneration());
        // A pod of which one container lacks them cannot be resized.
        assertEquals(new ResourceRequirements(), only(status).getResources());
    }

    @Test
    void whatHasAReadinessProbeIsReadyWhenThatSaysSo() {
        Look look = new Look("containers: [{name: a, image: x, readinessProbe: {exec: {command: [x]}}}]");
        assertEquals("T T F F T", conditions(look.at(runs -> runs.sandbox(true).running("a"))));
        look.probes = (id, kind) -> kind == ProbeKind.READINESS ? Optional.of(ProbeResult.SUCCESS) : Optional.empty();
        assertEquals("T T T T T", conditions(look.at(runs -> runs.sandbox(true).running("a"))));
    }

    @Test
    void gatesKeepAPodUnready() {
        Look look = new Look(ONE + "\nreadinessGates: [{conditionType: lb}, {conditionType: dns}]");
        look.pod = new PodBuilder(look.pod)
                .withNewStatus()
                .addNewCondition()
                .withType("lb")
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build();
        PodStatus status = look.at(runs -> runs.sandbox(true).running("a"));
        assertEquals("T T T F T", conditions(status));
        assertEquals("ReadinessGatesNotReady", condition(status, "Ready").getReason());
        assertEquals(
                "the status of pod readiness gate \"lb\" is not \"True\", but False, "
                        + "corresponding condition of pod readiness gate \"dns\" does not exist.",
                condition(status, "Ready").getMessage());
        assertEquals("False", condition(status, "lb").getStatus(), "others' conditions are kept");
    }

    @ParameterizedTest
    @CsvSource({
        "Always, 0, '', Running, Completed",
        "Always, 1, '', Running, Error",
        "OnFailure, 0, '', Succeeded, Completed",
        "OnFailure, 1, '', Running, Error",
        "Never, 0, '', Succeeded, Completed",
        "Never, 1, '', Failed, Error",
        "Never, 137, OOMKilled, Failed, OOMKilled"
    })
    void whatEndedSaysHow(String policy, int code, String told, String phase, String reason) {
        Look look = new Look(ONE + "\nrestartPolicy: " + policy);
        look.ending = !phase.equals("Running");
        look.ended = look.ending;
        PodStatus status = look.at(runs -> runs.sandbox(true).exited("a", code, told));
        assertEquals(phase, status.getPhase());
        assertEquals(reason, only(status).getState().getTerminated().getReason());
        assertEquals(code, only(status).getState().getTerminated().getExitCode());
    }

    @Test
    void whatHasEndedWellIsCompleted() {
        Look look = new Look(INIT + "\nrestartPolicy: Never");
        look.previous = look.at(runs -> runs.sandbox(true).exited("i", 0).running("a"));
        assertEquals(
                "Running",
                look.at(runs -> runs.sandbox(true).exited("i", 0).exited("a", 0))
                        .getPhase(),
                "its sandbox is still there");
        look.ended = true;
        PodStatus status = look.at(runs -> runs.sandbox(false).exited("i", 0).exited("a", 0));
        assertEquals("Succeeded", status.getPhase());
        assertEquals("PodCompleted", condition(status, "Ready").getReason());
        assertEquals("PodCompleted", condition(status, "Initialized").getReason());
        assertEquals("True", condition(status, "Initialized").getStatus());
    }

    @Test
    void whatKeepsEndingShowsWhyItWaitsAndHowItEnded() {
        Look look = new Look(ONE);
        look.waiting = Map.of("a", new Waiting("CrashLoopBackOff", "back-off 10s restarting failed container=a pod=p"));
        look.messages = Map.of("a-1", "no such file");
        PodStatus status = look.at(runs -> runs.sandbox(true).exited("a", 1).exited("a", 2));
        assertEquals("Running", status.getPhase());
        assertEquals("CrashLoopBackOff", only(status).getState().getWaiting().getReason());
        assertEquals(2, only(status).getLastState().getTerminated().getExitCode());
        assertEquals("no such file", only(status).getLastState().getTerminated().getMessage());
        assertEquals(1, only(status).getRestartCount());
    }

    @Test
    void whatAnotherRunFollowsHasNotEnded() {
        Look look = new Look(ONE + "\nrestartPolicy: Never");
        look.previous = look.at(runs -> runs.sandbox(true).running("a"));
        look.replaced = Set.of("a-0");
        PodStatus status = look.at(runs -> runs.sandbox(true).exited("a", 0));
        assertEquals("Running", status.getPhase());
        assertEquals("ContainerCreating", only(status).getState().getWaiting().getReason());
        assertEquals(0, only(status).getLastState().getTerminated().getExitCode());
        status = look.at(runs -> runs.sandbox(true).exited("a", 0).running("a"));
        assertNotNull(only(status).getState().getRunning());
    }

    @Test
    void aRunAfterAnotherShowsHowThatEnded() {
        PodStatus status =
                new Look(ONE).at(runs -> runs.sandbox(true).exited("a", 3).running("a"));
        assertEquals(1, only(status).getRestartCount());
        assertEquals(3, only(status).getLastState().getTerminated().getExitCode());
        assertEquals("fake://a-0", only(status).getLastState().getTerminated().getContainerID());
    }

    @Test
    void anImageThatCannotBeHadIsWhatAContainerWaitsFor() {
        Look look = new Look(ONE);
        look.waiting = Map.of("a", new Waiting("ImagePullBackOff", "Back-off pulling image \"x\""));
        PodStatus status = look.at(runs -> runs.sandbox(true));
        assertEquals("Pending", status.getPhase());
        assertEquals("ImagePullBackOff", only(status).getState().getWaiting().getReason());
    }

    @Test
    void aFailedInitContainerFailsAPodThatIsNeverRestarted() {
        Look look = new Look(INIT + "\nrestartPolicy: Never");
        look.ended = true;
        assertEquals(
                "Failed", look.at(runs -> runs.sandbox(true).exited("i", 1)).getPhase());
        assertEquals(
                "Pending",
                new Look(INIT).at(runs -> runs.sandbox(true).exited("i", 1)).getPhase());
    }

    @Test
    void aRunThatTheRuntimeHasForgottenIsNotForgottenHere() {
        Look look = new Look(ONE);
        look.previous = look.at(runs -> runs.sandbox(true).running("a"));
        PodStatus lost = look.at(runs -> runs.sandbox(true));
        assertEquals(
                "ContainerStatusUnknown",
                only(lost).getLastState().getTerminated().getReason());
        assertEquals(137, only(lost).getLastState().getTerminated().getExitCode());
        assertEquals(1, only(lost).getRestartCount());
        PodStatus unknown = look.at(runs -> runs.sandbox(true).unknown("a"));
        assertEquals(
                "ContainerStatusUnknown",
                only(unknown).getState().getTerminated().getReason());
    }

    @Test
    void howAPodEndedStaysWhenItsContainersAreGone() {
        Look look = new Look(ONE + "\nrestartPolicy: Never");
        look.ending = true;
        look.ended = true;
        look.previous = look.at(runs -> runs.sandbox(true).exited("a", 7));
        PodStatus status = look.at(runs -> runs);
        assertEquals("Failed", status.getPhase());
        assertEquals(7, only(status).getState().getTerminated().getExitCode());
        assertEquals("10.0.0.1", status.getPodIP());
    }

    @ParameterizedTest
    @CsvSource({"0, Succeeded", "143, Failed"})
    void aPodThatIsEndedHasEndedWhateverItsPolicy(int code, String phase) {
        Look look = new Look(ONE);
        look.ending = true;
        look.ended = true;
        assertEquals(
                phase, look.at(runs -> runs.sandbox(false).exited("a", code)).getPhase());
        assertEquals("Failed", look.at(runs -> runs).getPhase(), "it never ran");
    }

    @Test
    void anEvictedPodSaysWhyAndThatItWasDisturbed() {
        Look look = new Look(ONE);
        look.verdict = Optional.of(
                new Verdict("Evicted", "The node was low on resource: memory.", "It was in the way.", false));
        PodStatus ending = look.at(runs -> runs.sandbox(true).running("a"));
        assertEquals("Running", ending.getPhase(), "it has not ended yet");
        assertEquals("It was in the way.", condition(ending, "DisruptionTarget").getMessage());
        assertEquals(
                "TerminationByKubelet", condition(ending, "DisruptionTarget").getReason());
        look.ended = true;
        PodStatus status = look.at(runs -> runs.sandbox(false).exited("a", 137));
        assertEquals("Failed", status.getPhase());
        assertEquals("Evicted", status.getReason());
        assertEquals(
                "TerminationByKubelet", condition(status, "DisruptionTarget").getReason());
        assertEquals("PodFailed", condition(status, "Ready").getReason());
        look.previous = status;
        look.verdict = Optional.empty();
        PodStatus later = look.at(runs -> runs.sandbox(false).exited("a", 137));
        assertEquals("Evicted", later.getReason());
        assertEquals("True", condition(later, "DisruptionTarget").getStatus());
    }

    @Test
    void aRefusedPodSaysNothingOfItsContainers() {
        Look look = new Look(ONE);
        look.verdict = Optional.of(new Verdict("OutOfcpu", "Pod was rejected: too much", "", true));
        PodStatus status = look.at(runs -> runs);
        assertEquals("Failed", status.getPhase());
        assertEquals("OutOfcpu", status.getReason());
        assertTrue(status.getContainerStatuses().isEmpty());
    }

    @Test
    void aConditionKeepsTheTimeSinceWhichItIsSo() {
        Look look = new Look(ONE);
        look.previous = look.at(runs -> runs);
        look.now = Samples.NOW.plusSeconds(60);
        PodStatus status = look.at(runs -> runs.sandbox(true).running("a"));
        assertEquals("2026-06-01T12:00:00Z", condition(status, "PodScheduled").getLastTransitionTime());
        assertEquals("2026-06-01T12:01:00Z", condition(status, "Ready").getLastTransitionTime());
    }

    @Test
    void aSidecarThatRunsKeepsThePodRunningUntilTheRestHasEnded() {
        Look look = new Look("""
            restartPolicy: Never
            initContainers: [{name: s, image: x, restartPolicy: Always}]
            containers: [{name: a, image: x}]
            """);
        assertEquals(
                "Running",
                look.at(runs -> runs.sandbox(true).running("s").exited("a", 0)).getPhase());
        look.ended = true;
        assertEquals(
                "Succeeded",
                look.at(runs -> runs.sandbox(true).exited("s", 137).exited("a", 0))
                        .getPhase());
    }

    @ParameterizedTest
    @CsvSource({
        "'{}', BestEffort",
        "'{requests: {cpu: 1}}', Burstable",
        "'{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}', Guaranteed",
        "'{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1000m, memory: 1024Mi}}', Guaranteed",
        "'{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}', Burstable",
        "'{requests: {example.com/gpu: 1}}', BestEffort"
    })
    void qualityFollowsFromResources(String resources, String quality) {
        Look look = new Look("containers: [{name: a, image: x, resources: " + resources + "}]");
        assertEquals(quality, look.at(runs -> runs).getQosClass());
    }

    @Test
    void devicesAreToldAsTheyAreAndAsTheyWereWhenTheyWereTakenBack() {
        Look look = new Look(ONE);
        assertEquals(List.of(), only(look.at(runs -> runs)).getAllocatedResourcesStatus());
        List<ResourceStatus> ill =
                List.of(new ResourceStatus("example.com/gpu", List.of(new ResourceHealth("Unhealthy", "g0"))));
        look.devices = Map.of("a", ill);
        PodStatus status = look.at(runs -> runs.sandbox(true).running("a"));
        assertEquals(ill, only(status).getAllocatedResourcesStatus());
        look.previous = status;
        look.devices = Map.of();
        assertEquals(
                ill, only(look.at(runs -> runs.sandbox(true).exited("a", 1))).getAllocatedResourcesStatus());
    }
}
