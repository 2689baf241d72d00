package io.keelson.agent.image;

import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.Status;
import io.keelson.agent.cri.FakeImages;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.AuthConfig;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodImagesTest {
    private static final String NAME = "quay.io/team/web:1";

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final RecordedEvents events = new RecordedEvents();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private PullSecrets.Found secrets = new PullSecrets.Found(List.of(), List.of());
    private PodImages images;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        images = images(PullSettings.DEFAULTS);
    }

    private PodImages images(PullSettings settings) throws IOException {
        return new PodImages(
                runtime.connection(),
                _ -> secrets,
                new NodeLogins(List.of(), CredentialProviders.none()),
                new PullRecords(folder, CredentialPolicy.DEFAULT, time),
                settings,
                events,
                time,
                new ImageMetrics(new PrometheusRegistry()),
                asked::add);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static Pod pod(String uid) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(uid)
                .withNamespace("default")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .endContainer()
                .endSpec()
                .build();
    }

    private static Container container(String image, String policy) {
        return new ContainerBuilder()
                .withName("main")
                .withImage(image)
                .withImagePullPolicy(policy)
                .build();
    }

    private ContainerImages.Image ensure(String image, String policy) throws PodProblem, InterruptedException {
        return images.ensure(pod("a"), container(image, policy), PodSandboxConfig.getDefaultInstance());
    }

    private PodProblem problem(String image, String policy) {
        return assertThrows(PodProblem.class, () -> ensure(image, policy));
    }

    @Test
    void anImageThatIsThereIsNotPulled() throws Exception {
        String id = runtime.images().have(NAME, 5);
        assertEquals(new ContainerImages.Image(id, id), ensure(NAME, "IfNotPresent"));
        assertEquals(0, runtime.calls("PullImage"));
        assertEquals(
                List.of("Normal Pulled Container image \"quay.io/team/web:1\" already present on machine and can be "
                        + "accessed by the pod"),
                events.told());
        assertEquals(List.of(id), asked);
    }

    @Test
    void anImageThatIsMissingIsPulledAndTheEventsSayHowLongItTook() throws Exception {
        runtime.images().offer(NAME, 1234);
        assertEquals(FakeImages.id(NAME), ensure(NAME, "IfNotPresent").id());
        assertEquals(
                List.of(
                        "Normal Pulling Pulling image \"quay.io/team/web:1\"",
                        "Normal Pulled Successfully pulled image \"quay.io/team/web:1\" in 0s (0s "
                                + "including waiting). Image "
                                + "size: 1234 bytes."),
                events.told());
        assertEquals(Set.of("spec.containers{main}"), events.fieldPaths());
    }

    @Test
    void withoutAPolicyTheTagDecides() throws Exception {
        String _ = runtime.images().have("busybox:latest", 1);
        String _ = runtime.images().have("busybox:1", 1);
        runtime.images().offer("busybox", 1);
        ContainerImages.Image _ = ensure("busybox:1", "");
        assertEquals(0, runtime.calls("PullImage"));
        ContainerImages.Image _ = ensure("busybox", "");
        assertEquals(1, runtime.calls("PullImage"));
    }

    @Test
    void alwaysPullsWhatIsThere() throws Exception {
        String _ = runtime.images().have(NAME, 5);
        runtime.images().offer(NAME, 5);
        ContainerImages.Image _ = ensure(NAME, "Always");
        assertEquals(1, runtime.calls("PullImage"));
    }

    @Test
    void neverMeansNever() {
        PodProblem problem = problem(NAME, "Never");
        assertEquals("ErrImageNeverPull", problem.waitingReason());
        assertEquals("", problem.eventReason());
        assertEquals(
                "Container image \"quay.io/team/web:1\" is not present with pull policy of Never", problem.message());
        assertEquals(
                List.of(
                        "Warning ErrImageNeverPull Container image \"quay.io/team/web:1\" is not "
                                + "present with pull policy of "
                                + "Never",
                        "Warning Failed Error: ErrImageNeverPull"),
                events.told());
    }

    @Test
    void aNameThatIsNoneIsSaidToBeNone() {
        PodProblem problem = problem("Not An Image", "Always");
        assertEquals("InvalidImageName", problem.waitingReason());
        assertTrue(problem.message()
                .startsWith("Failed to apply default image tag \"Not An Image\": couldn't parse image name"));
        assertTrue(events.told().getFirst().startsWith("Warning InspectFailed "));
    }

    @Test
    void aRuntimeThatCannotLookIsNotAskedToPull() {
        runtime.fail("ImageStatus", Status.UNAVAILABLE.withDescription("gone"));
        PodProblem problem = problem(NAME, "Always");
        assertEquals("ImageInspectError", problem.waitingReason());
        assertEquals(
                "Failed to inspect image \"quay.io/team/web:1\": rpc error: code = Unavailable desc = gone",
                problem.message());
        assertEquals(0, runtime.calls("PullImage"));
    }

    @Test
    void whatCannotBePulledIsHeldBackLongerEachTime() throws Exception {
        String failure =
                "rpc error: code = NotFound desc = failed to pull and unpack image \"" + NAME + "\": not found";
        PodProblem first = problem(NAME, "IfNotPresent");
        assertEquals("ErrImagePull", first.waitingReason());
        assertEquals(failure, first.message());
        assertEquals(
                List.of(
                        "Normal Pulling Pulling image \"quay.io/team/web:1\"",
                        "Warning Failed Failed to pull image \"quay.io/team/web:1\": " + failure,
                        "Warning Failed Error: ErrImagePull"),
                events.told());
        events.clear();
        long[] delays = {10, 20, 40, 80, 160, 300, 300};
        int pulls = 1;
        for (long delay : delays) {
            time.advance(Duration.ofSeconds(delay).minusMillis(1));
            PodProblem held = problem(NAME, "IfNotPresent");
            assertEquals("ImagePullBackOff", held.waitingReason());
            assertEquals("Back-off pulling image \"" + NAME + "\": ErrImagePull: " + failure, held.message());
            assertEquals(pulls, runtime.calls("PullImage"));
            time.advance(Duration.ofMillis(1));
            assertEquals("ErrImagePull", problem(NAME, "IfNotPresent").waitingReason());
            pulls++;
            assertEquals(pulls, runtime.calls("PullImage"));
        }
        assertEquals(
                List.of(
                        "Normal BackOff Back-off pulling image \"quay.io/team/web:1\"",
                        "Warning Failed Error: ImagePullBackOff"),
                events.told().subList(0, 2));
        // Another pod is not held back by this one's failures.
        runtime.images().offer(NAME, 1);
        ContainerImages.Image _ =
                images.ensure(pod("b"), container(NAME, "IfNotPresent"), PodSandboxConfig.getDefaultInstance());
    }

    @Test
    void afterTenMinutesWithoutFailureTheNextOneIsTheFirst() {
        PodProblem _ = problem(NAME, "Always");
        time.advance(Duration.ofSeconds(10));
        PodProblem _ = problem(NAME, "Always");
        time.advance(Duration.ofMinutes(10).plusSeconds(1));
        PodProblem _ = problem(NAME, "Always");
        time.advance(Duration.ofSeconds(10));
        assertEquals("ErrImagePull", problem(NAME, "Always").waitingReason());
    }

    @Test
    void theUsersOfThePodsSecretsAreTriedOneAfterTheOther() throws Exception {
        runtime.images().offer(NAME, 1, "right", "secret");
        secrets = new PullSecrets.Found(
                List.of(RegistryLoginsTest.config(
                        "s",
                        "{\"auths\":{\"quay.io/team\":{\"username\":\"wrong\",\"password\":\"x\"},"
                                + "\"quay.io\":{\"username\":\"right\",\"password\":\"secret\"},"
                                + "\"other.io\":{\"username\":\"o\",\"password\":\"o\"}}}")),
                List.of("lost", "found"));
        ContainerImages.Image _ = ensure(NAME, "Always");
        assertEquals(
                List.of("wrong", "right"),
                runtime.images().credentials().stream()
                        .map(AuthConfig::getUsername)
                        .toList());
        assertTrue(events.told()
                .contains("Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull "
                        + "secrets (lost, found); "
                        + "attempting to pull the image may not succeed."));
        assertFalse(events.told().toString().contains("Failed to pull"));
    }

    @Test
    void whatWasPulledWithAPasswordIsNotForPodsWithoutIt() throws Exception {
        runtime.images().offer(NAME, 1, "right", "secret");
        PullSecrets.Found right = new PullSecrets.Found(
                List.of(RegistryLoginsTest.config(
                        "s", "{\"auths\":{\"quay.io\":{\"username\":\"right\",\"password\":\"secret\"}}}")),
                List.of());
        secrets = right;
        ContainerImages.Image _ = ensure(NAME, "IfNotPresent");
        ContainerImages.Image _ = ensure(NAME, "IfNotPresent");
        assertEquals(1, runtime.calls("PullImage"));
        secrets = new PullSecrets.Found(List.of(), List.of());
        PodProblem never = problem(NAME, "Never");
        assertEquals("ErrImageNeverPull", never.waitingReason());
        assertEquals(
                "Container image \"quay.io/team/web:1\" is present with pull policy of Never but "
                        + "does not have the proper auth "
                        + "(image secret) that was used to pull the image",
                never.message());
        assertEquals("ErrImagePull", problem(NAME, "IfNotPresent").waitingReason());
        secrets = right;
        ContainerImages.Image _ = ensure(NAME, "Never");
    }

    @Test
    void withoutARecordNothingIsPulled() throws Exception {
        runtime.images().offer(NAME, 1);
        for (String kind : List.of("pulling", "pulled")) {
            Files.delete(folder.resolve(kind));
            // In the way of the folder that is made anew.
            Files.createFile(folder.resolve(kind));
        }
        PodProblem problem = problem(NAME, "Always");
        assertEquals("ErrImagePull", problem.waitingReason());
        assertTrue(problem.message().startsWith("Failed to record image pull intent for container image"));
        assertEquals(0, runtime.calls("PullImage"));
    }

    @Test
    void ifNoUserMayPullAllRefusalsAreTold() {
        runtime.images().offer(NAME, 1, "right", "secret");
        PodProblem nobody = problem(NAME, "Always");
        assertEquals(
                "failed to pull and unpack image \"" + NAME + "\": failed to authorize: 401 Unauthorized",
                nobody.message());
        secrets = new PullSecrets.Found(List.of(RegistryLoginsTest.config("broken", "{")), List.of());
        time.advance(Duration.ofMinutes(1));
        assertTrue(problem(NAME, "Always").message().startsWith("image pull secret \"broken\""));
    }

    @Test
    void aRegistryThatIsAwayHasAReasonOfItsOwn() {
        runtime.fail("PullImage", Status.UNKNOWN.withDescription("RegistryUnavailable: connection refused"));
        PodProblem problem = problem(NAME, "Always");
        assertEquals("RegistryUnavailable", problem.waitingReason());
        assertEquals(
                "image pull failed for quay.io/team/web:1 because the registry is unavailable: connection refused",
                problem.message());
    }

    private List<Thread> pullAtOnce(int count) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String uid = "p" + i;
            runtime.images().offer("quay.io/" + uid + ":1", 1);
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    ContainerImages.Image _ = images.ensure(
                            pod(uid),
                            container("quay.io/" + uid + ":1", "Always"),
                            PodSandboxConfig.getDefaultInstance());
                } catch (PodProblem | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        return threads;
    }

    private void pulledAtMost(int expected, int perBurst) throws InterruptedException {
        runtime.images().holdPulls();
        List<Thread> threads = pullAtOnce(perBurst);
        await("they pull", () -> runtime.images().pulling() == expected);
        runtime.images().letEnd(perBurst);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(expected, runtime.images().pullingMost());
        assertEquals(perBurst, runtime.images().images().size());
    }

    @Test
    void byDefaultImagesArePulledOneAfterTheOther() throws Exception {
        pulledAtMost(1, 4);
    }

    @Test
    void asManyArePulledAtOnceAsAllowed() throws Exception {
        images = images(new PullSettings(false, 3, 0, 0, Duration.ofMinutes(5)));
        pulledAtMost(3, 8);
    }

    @Test
    void allArePulledAtOnceWithoutALimit() throws Exception {
        images = images(new PullSettings(false, 0, 0, 0, Duration.ofMinutes(5)));
        pulledAtMost(8, 8);
    }

    @Test
    void tooManyPullsAtOnceFailAndSucceedLater() throws Exception {
        images = images(new PullSettings(true, 0, 1, 2, Duration.ofMinutes(5)));
        runtime.images().offer(NAME, 1);
        ContainerImages.Image _ = ensure(NAME, "Always");
        ContainerImages.Image _ = ensure(NAME, "Always");
        assertEquals("pull QPS exceeded", problem(NAME, "Always").message());
        time.advance(Duration.ofSeconds(10));
        ContainerImages.Image _ = ensure(NAME, "Always");
    }

    @Test
    void whoIsInterruptedWhileHePullsLeavesHisTurnToOthers() throws Exception {
        runtime.images().holdPulls();
        runtime.images().offer(NAME, 1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                ContainerImages.Image _ = ensure(NAME, "Always");
            } catch (InterruptedException e) {
                interrupted.set(true);
            } catch (PodProblem e) {
                // Not what is waited for.
            }
        });
        await("it pulls", () -> runtime.images().pulling() == 1);
        thread.interrupt();
        thread.join();
        assertTrue(interrupted.get());
        runtime.images().letEnd(2);
        ContainerImages.Image _ = ensure(NAME, "Always");
    }
}
