package io.keelson.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.keelson.agent.TestNode.Life;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods from their creation to their end, against a real API server and a runtime that the test plays. */
class AgentTest {
    private static final String ONE = "containers: [{name: a, image: docker.io/library/x:1}]";

    private final ManualTime time = new ManualTime(Instant.now());
    private TestNode node;
    private Life agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws InterruptedException, TimeoutException {
        node = new TestNode(folder, time);
        agent = node.agent(time);
    }

    @AfterEach
    void end() {
        agent.close();
        node.close();
        time.close();
    }

    private void restart() throws InterruptedException, TimeoutException {
        agent.close();
        agent = node.agent(time);
    }

    /** Lets time pass until something is so. */
    private void pass(String what, BooleanSupplier condition) throws InterruptedException {
        TestCluster.await(what, () -> {
            if (condition.getAsBoolean()) {
                return true;
            }
            time.advance(Duration.ofSeconds(1));
            return false;
        });
    }

    @Test
    void aPodRunsIsReadyAndGoesWhenItIsDeleted() throws InterruptedException, IOException {
        node.create("web", ONE);
        Pod pod = node.awaitReady("web");
        assertEquals("Running", Pods.phase(pod));
        assertEquals("10.0.0.1", pod.getStatus().getPodIP());
        assertEquals("192.0.2.1", pod.getStatus().getHostIP());
        ContainerStatus status = pod.getStatus().getContainerStatuses().getFirst();
        assertEquals("fake://" + node.runtime.last("a").getId(), status.getContainerID());
        assertEquals(
                pod.getMetadata().getUid(),
                node.runtime.last("a").getLabelsMap().get(RuntimeLabels.POD_UID));
        TestCluster.await("it is told", () -> node.wasTold("web", "Started", "Container started"));
        assertTrue(node.wasTold("web", "Created", "Container created"));
        assertEquals(
                "Running",
                Pods.phase(agent.pods().find(node.namespace, "web", "").orElseThrow()));
        // As an agent leaves it that dies while it writes.
        Files.createFile(node.folders().pod(pod.getMetadata().getUid()).resolve(".allocated.json.next"));
        node.delete("web");
        node.awaitGone("web");
        TestCluster.await(
                "nothing is left",
                () -> node.rooms.isEmpty()
                        && node.runtime.containers().isEmpty()
                        && node.runtime.sandboxes().isEmpty()
                        && agent.pods().pods().isEmpty());
        TestCluster.await(
                "its folder is removed",
                () -> Files.notExists(node.folders().pod(pod.getMetadata().getUid())));
    }

    @Test
    void filesAreBroughtUpToDateAtOnceWhenWhatTheyShowHasChanged() throws InterruptedException {
        node.create("web", ONE);
        Pod pod = node.awaitReady("web");
        int before = node.rooms.mounts.get();
        agent.outdated(pod.getMetadata().getUid());
        TestCluster.await("without time that passes", () -> node.rooms.mounts.get() > before);
    }

    @Test
    void initContainersRunInTheirOrder() throws InterruptedException {
        node.create("web", """
            initContainers: [{name: i, image: docker.io/library/x:1}, {name: s, image: docker.io/library/x:1, restartPolicy: Always}]
            containers: [{name: a, image: docker.io/library/x:1}]
            """);
        node.await(
                "web",
                "i runs",
                now -> TestNode.statuses(now).stream()
                        .anyMatch(status -> status.getName().equals("i")
                                && status.getState().getRunning() != null));
        assertTrue(node.runtime.runs("s").isEmpty() && node.runtime.runs("a").isEmpty());
        node.runtime.exit(node.runtime.last("i").getId(), 0);
        node.awaitReady("web");
        assertEquals(1, node.runtime.runs("s").size());
        String containers = "kubelet_started_containers_total{container_type=";
        assertEquals(2, agent.figure(containers + "\"init_container\"}"));
        assertEquals(1, agent.figure(containers + "\"container\"}"));
        assertEquals(1, agent.figure("kubelet_started_pods_total"));
        assertEquals(0, agent.figure("kubelet_started_pods_errors_total"));
        TestCluster.await(
                "its start is counted once the API tells of it",
                () -> agent.figure("kubelet_pod_start_sli_duration_seconds_count") == 1);
        double total = agent.figure("kubelet_pod_start_total_duration_seconds_sum");
        assertTrue(total >= agent.figure("kubelet_pod_start_sli_duration_seconds_sum"));
        assertEquals(1, agent.figure("kubelet_pod_start_total_duration_seconds_bucket{le=\"3600.0\"}"));
        assertEquals(1, agent.figure("kubelet_pod_start_duration_seconds_count"));
        assertEquals(1, agent.figure("kubelet_pod_worker_start_duration_seconds_count"));
        TestCluster.await(
                "work on it is counted",
                () -> agent.figure("kubelet_pod_worker_duration_seconds_count{operation_type=\"create\"}") == 1
                        && agent.figure("kubelet_pod_worker_duration_seconds_count{operation_type=\"sync\"}") >= 1);
        assertTrue(agent.figure("kubelet_pod_status_sync_duration_seconds_count") >= 2);
        node.delete("web");
        node.awaitGone("web");
        TestCluster.await(
                "its end is counted",
                () -> agent.figure("kubelet_pod_worker_duration_seconds_count{operation_type=\"kill\"}") == 1);
    }

    @Test
    void aContainerThatKeepsEndingIsHeldBack() throws InterruptedException {
        node.create("web", ONE);
        node.awaitReady("web");
        node.runtime.exit(node.runtime.last("a").getId(), 1);
        TestCluster.await("it is started at once", () -> node.runtime.runs("a").size() == 2);
        node.awaitReady("web");
        node.runtime.exit(node.runtime.last("a").getId(), 1);
        Pod waiting =
                node.await("web", "waits", now -> TestNode.waitsFor(now, "a").equals("CrashLoopBackOff"));
        ContainerStatus status = waiting.getStatus().getContainerStatuses().getFirst();
        assertEquals(
                "back-off 10s restarting failed container=a pod=" + PodTraits.text(waiting),
                status.getState().getWaiting().getMessage());
        assertEquals(1, status.getRestartCount());
        assertEquals("Error", status.getLastState().getTerminated().getReason());
        assertEquals("Running", Pods.phase(waiting));
        time.advance(Duration.ofSeconds(9));
        assertEquals(2, node.runtime.runs("a").size());
        pass("it is started again", () -> node.runtime.last("a").getMetadata().getAttempt() == 2);
        TestCluster.await("only two runs are kept", () -> node.runtime.runs("a").size() == 2);
    }

    @Test
    void whatIsToRunOnceEndsAndGivesBackWhatItHad() throws InterruptedException {
        node.create("job", "restartPolicy: Never\n" + ONE);
        node.awaitReady("job");
        node.runtime.exit(node.runtime.last("a").getId(), 0);
        Pod done = node.awaitPhase("job", "Succeeded");
        assertEquals(
                "Completed",
                TestNode.statuses(done).getFirst().getState().getTerminated().getReason());
        TestCluster.await("all is given back", node.rooms::isEmpty);
        assertEquals(1, node.runtime.containers().size(), "its log is still there");
        assertTrue(node.runtime.sandboxes().stream()
                .allMatch(sandbox -> sandbox.getState() == PodSandboxState.SANDBOX_NOTREADY));
        node.delete("job");
        node.awaitGone("job");
    }

    @Test
    void anImageThatCannotBeHadIsToldAndTriedAgain() throws InterruptedException {
        node.rooms.missingImages.put("docker.io/library/x:1", new PodProblem("ErrImagePull", "", "no such image"));
        node.create("web", ONE);
        node.await("web", "waits", now -> TestNode.waitsFor(now, "a").equals("ErrImagePull"));
        node.rooms.missingImages.clear();
        pass("it is ready", () -> node.isReady("web"));
        String errors = "kubelet_started_containers_errors_total{code=\"ErrImagePull\",container_type=\"container\"}";
        assertTrue(agent.figure(errors) >= 1);
        assertEquals(0, agent.figure("kubelet_started_pods_errors_total"));
    }

    @Test
    void aContainerOfAnotherImageRunsEvenIfTheOneBeforeEndedWellAndWouldNotBeStartedAgain()
            throws InterruptedException {
        node.runtime.stopCode(0);
        node.rooms.missingImages.put("docker.io/library/x:2", new PodProblem("ErrImagePull", "", "no such image"));
        node.create("once", ONE + "\nrestartPolicy: OnFailure");
        Pod before = node.awaitReady("once");
        Pod other = new PodBuilder(before)
                .editSpec()
                .editFirstContainer()
                .withImage("docker.io/library/x:2")
                .endContainer()
                .endSpec()
                .build();
        var _ = node.cluster.client().resource(other).patch();
        Pod waits =
                node.await("once", "waits", now -> TestNode.waitsFor(now, "a").equals("ErrImagePull"));
        assertEquals("Running", Pods.phase(waits));
        assertEquals(
                0,
                waits.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getLastState()
                        .getTerminated()
                        .getExitCode());
        node.rooms.missingImages.clear();
        pass("it runs", () -> node.isReady("once"));
        assertEquals(
                1,
                node.awaitReady("once")
                        .getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getRestartCount());
    }

    @Test
    void whatIsMissingForAPodIsToldAndTriedAgain() throws InterruptedException {
        node.rooms.missingVolumes.put(
                "web", new PodProblem("ContainerCreating", "FailedMount", "configmap \"c\" not found"));
        node.create("web", ONE);
        TestCluster.await("it is told", () -> node.wasTold("web", "FailedMount", "configmap \"c\" not found"));
        assertEquals("ContainerCreating", TestNode.waitsFor(node.awaitPhase("web", "Pending"), "a"));
        node.rooms.missingVolumes.clear();
        node.runtime.failOnce("RunPodSandbox", Status.UNKNOWN.withDescription("no network"));
        pass("it is ready", () -> node.isReady("web"));
        TestCluster.await(
                "it was told",
                () -> node.wasTold(
                        "web",
                        "FailedCreatePodSandBox",
                        "Failed to create pod sandbox: rpc error: code = Unknown desc = no network"));
    }

    @Test
    void anotherAgentGoesOnWithWhatRuns() throws InterruptedException, TimeoutException {
        node.create("web", ONE);
        node.awaitReady("web");
        node.create("old", ONE);
        node.awaitReady("old");
        List<String> before =
                node.runtime.containers().stream().map(run -> run.getId()).toList();
        agent.close();
        node.cluster
                .client()
                .pods()
                .inNamespace(node.namespace)
                .withName("old")
                .withGracePeriod(0)
                .delete();
        agent = node.agent(time);
        TestCluster.await(
                "what nobody wants is gone", () -> node.runtime.containers().size() == 1);
        assertTrue(before.contains(node.runtime.last("a").getId()));
        assertEquals(ContainerState.CONTAINER_RUNNING, node.runtime.last("a").getState());
        assertTrue(node.isReady("web"));
        node.delete("web");
        node.awaitGone("web");
        TestCluster.await(
                "nothing is left",
                () -> node.rooms.isEmpty() && node.runtime.sandboxes().isEmpty());
    }

    @Test
    void aStaticPodRunsAndIsShownInTheApi() throws InterruptedException, IOException, TimeoutException {
        Files.createDirectories(node.manifests());
        restart();
        Path manifest = node.manifests().resolve("s.yaml");
        String text = "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: " + node.namespace
                + "}\nspec: {containers: [{name: a, image: 'docker.io/library/x:1'}]}\n";
        Files.writeString(manifest, text);
        String name = "s-" + node.name;
        Pod mirror = node.awaitReady(name);
        String uid = PodTraits.annotation(mirror, PodTraits.MIRROR);
        assertEquals(uid, node.runtime.last("a").getLabelsMap().get(RuntimeLabels.POD_UID));
        assertEquals(
                "Node", mirror.getMetadata().getOwnerReferences().getFirst().getKind());
        node.cluster
                .client()
                .pods()
                .inNamespace(node.namespace)
                .withName(name)
                .withGracePeriod(0)
                .delete();
        pass("it is shown again", () -> {
            Pod now = node.get(name);
            return now != null
                    && !now.getMetadata().getUid().equals(mirror.getMetadata().getUid())
                    && Pods.isReady(now);
        });
        assertEquals(1, node.runtime.runs("a").size(), "who deletes the mirror does not end the pod");
        Files.writeString(manifest, text.replace("x:1", "x:2"));
        pass("the changed one runs", () -> {
            Pod now = node.get(name);
            return now != null && !PodTraits.annotation(now, PodTraits.MIRROR).equals(uid) && Pods.isReady(now);
        });
        Files.delete(manifest);
        pass(
                "it is gone",
                () -> node.get(name) == null && node.runtime.containers().isEmpty());
    }

    /** Takes note of what the runtime is told of containers. */
    private static final class Created implements ClientInterceptor {
        final List<ContainerConfig> configs = new CopyOnWriteArrayList<>();

        @Override
        public <A, B> ClientCall<A, B> interceptCall(MethodDescriptor<A, B> method, CallOptions options, Channel next) {
            return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void sendMessage(A message) {
                    if (message instanceof CreateContainerRequest request) {
                        configs.add(request.getConfig());
                    }
                    super.sendMessage(message);
                }
            };
        }
    }

    @Test
    void allThatAPodWithUsersOfItsOwnIsGivenIsItsUsers() throws InterruptedException, TimeoutException {
        Created created = new Created();
        agent.close();
        node.rooms.devices = new PodResources.Devices(
                List.of(),
                List.of(Mount.newBuilder()
                        .setHostPath("/opt/lib")
                        .setContainerPath("/lib/x")
                        .build()),
                Map.of(),
                Map.of(),
                List.of());
        agent = node.new Life(time, List.of(), List.of(created)).begin();
        node.create("web", "hostUsers: false\n" + ONE);
        node.awaitReady("web");
        ContainerConfig config = created.configs.getFirst();
        List<IDMapping> users = config.getLinux()
                .getSecurityContext()
                .getNamespaceOptions()
                .getUsernsOptions()
                .getUidsList();
        assertEquals(1, users.size());
        assertEquals(
                List.of("/etc/hosts", "/dev/termination-log", "/lib/x"),
                config.getMountsList().stream().map(Mount::getContainerPath).toList());
        for (Mount mount : config.getMountsList()) {
            assertEquals(users, mount.getUidMappingsList(), mount.getContainerPath());
            assertEquals(users, mount.getGidMappingsList(), mount.getContainerPath());
        }
    }

    /** Leads calls where nobody answers. */
    private static final class Away implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            builder.uri(URI.create("https://127.0.0.1:1/"));
        }
    }

    @Test
    void aStaticPodComesInWithoutTheApiThoughThereAreOthers()
            throws InterruptedException, IOException, TimeoutException {
        node.create("web", ONE);
        node.awaitReady("web");
        agent.close();
        Files.writeString(
                Files.createDirectories(node.manifests()).resolve("s.yaml"),
                "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: " + node.namespace
                        + "}\nspec: {containers: [{name: b, image: 'docker.io/library/x:1'}]}\n");
        agent = node.agent(time, new Away());
        TestCluster.await("the agent knows of it", () -> agent.pods().pods().size() == 1);
        time.advance(Duration.ofSeconds(5));
        assertEquals(List.of(), node.runtime.runs("b"), "the others are waited for");
        pass("it runs", () -> !node.runtime.runs("b").isEmpty());
        assertEquals(1, node.runtime.runs("a").size());
    }

    @Test
    void aManifestThatIsPutBackBeforeItsPodHasEndedRunsAgain()
            throws InterruptedException, IOException, TimeoutException {
        Files.createDirectories(node.manifests());
        restart();
        Path manifest = node.manifests().resolve("s.yaml");
        String text = "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: " + node.namespace
                + "}\nspec: {containers: [{name: a, image: 'docker.io/library/x:1'}]}\n";
        Files.writeString(manifest, text);
        String name = "s-" + node.name;
        node.awaitReady(name);
        String first = node.runtime.last("a").getId();
        node.runtime.fail("StopContainer", Status.UNAVAILABLE);
        Files.delete(manifest);
        TestCluster.await("it begins to end", () -> node.runtime.calls("StopContainer") > 0);
        Files.writeString(manifest, text);
        Files.writeString(
                node.manifests().resolve("t.yaml"),
                text.replace("name: s", "name: t").replace("name: a", "name: b"));
        pass("the folder is read", () -> !node.runtime.runs("b").isEmpty());
        node.runtime.mend("StopContainer");
        pass("another run is shown", () -> {
            Pod now = node.get(name);
            return now != null
                    && Pods.isReady(now)
                    && node.runtime.runs("a").stream()
                            .anyMatch(run -> !run.getId().equals(first)
                                    && TestNode.statuses(now)
                                            .getFirst()
                                            .getContainerID()
                                            .equals("fake://" + run.getId()));
        });
    }

    @Test
    void anEvictedPodFailsAndDoesNotRunAgain() throws InterruptedException {
        node.create("web", ONE);
        Pod pod = node.awaitReady("web");
        agent.pods().evict(pod, "Evicted", "The node was low on resource: memory.", 1);
        Pod evicted = node.awaitPhase("web", "Failed");
        assertEquals("Evicted", evicted.getStatus().getReason());
        PodCondition disruption = Pods.condition(evicted, "DisruptionTarget");
        assertNotNull(disruption);
        assertEquals("TerminationByKubelet", disruption.getReason());
        TestCluster.await("its addresses are its no more", () -> node.released.contains("web"));
        assertEquals(ContainerState.CONTAINER_EXITED, node.runtime.last("a").getState());
    }

    @Test
    void aStaticPodThatWasEndedForTheNodesSakeBeginsAnewWithTheNextAgent()
            throws InterruptedException, IOException, TimeoutException {
        Files.createDirectories(node.manifests());
        Files.writeString(
                node.manifests().resolve("s.yaml"),
                "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: " + node.namespace
                        + "}\nspec: {containers: [{name: a, image: 'docker.io/library/x:1'}]}\n");
        restart();
        String name = "s-" + node.name;
        node.awaitReady(name);
        Pod pod = agent.pods().find(node.namespace, name, "").orElseThrow();
        agent.pods().evict(pod, "Terminated", "The machine is shut down.", 1);
        Pod ended = node.awaitPhase(name, "Failed");
        assertEquals("Terminated", ended.getStatus().getReason());
        restart();
        pass("it runs again", () -> node.isReady(name));
        assertNull(node.awaitPhase(name, "Running").getStatus().getReason());
    }

    @Test
    void aPodThatWentBeyondItsOwnLimitFailsUndisturbed() throws InterruptedException {
        node.create("web", ONE);
        agent.pods().fail(node.awaitReady("web"), "Evicted", "Usage of EmptyDir volume \"a\" exceeds the limit.", 1);
        Pod failed = node.awaitPhase("web", "Failed");
        assertEquals("Evicted", failed.getStatus().getReason());
        assertNull(Pods.condition(failed, "DisruptionTarget"));
    }

    @Test
    void whatDoesNotFitIsRefused() throws InterruptedException {
        node.create("big", "containers: [{name: a, image: docker.io/library/x:1, resources: {requests: {cpu: 3}}}]");
        Pod refused = node.awaitPhase("big", "Failed");
        assertEquals("OutOfcpu", refused.getStatus().getReason());
        assertEquals(
                "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
                refused.getStatus().getMessage());
        node.create("elsewhere", "nodeSelector: {disk: ssd}\n" + ONE);
        assertEquals(
                "NodeAffinity",
                node.awaitPhase("elsewhere", "Failed").getStatus().getReason());
        assertTrue(node.runtime.sandboxes().isEmpty());
    }

    @Test
    void otherResourcesAreGivenWithoutARestart() throws InterruptedException {
        node.create("web", "containers: [{name: a, image: docker.io/library/x:1, resources: {requests: {cpu: 100m}}}]");
        node.awaitReady("web");
        String id = node.runtime.last("a").getId();
        resize("web", "200m");
        Pod resized = node.await(
                "web",
                "resized",
                now -> TestNode.statuses(now).stream()
                        .anyMatch(status -> status.getResources() != null
                                && "200m"
                                        .equals(String.valueOf(status.getResources()
                                                .getRequests()
                                                .get("cpu")))));
        assertEquals(id, node.runtime.last("a").getId());
        assertEquals(204, node.runtime.last("a").getResources().getLinux().getCpuShares());
        assertEquals(0, TestNode.statuses(resized).getFirst().getRestartCount());
        node.create(
                "other", "containers: [{name: b, image: docker.io/library/x:1, resources: {requests: {cpu: 1500m}}}]");
        node.awaitReady("other");
        resize("web", "1");
        Pod pending = node.await("web", "pending", now -> Pods.condition(now, "PodResizePending") != null);
        PodCondition why = Pods.condition(pending, "PodResizePending");
        assertNotNull(why);
        assertEquals("Deferred", why.getReason());
        node.delete("other");
        node.awaitGone("other");
        pass(
                "there is room now",
                () -> node.runtime.last("a").getResources().getLinux().getCpuShares() == 1024);
        assertEquals(id, node.runtime.last("a").getId());
    }

    @Test
    void whatAPodHasAsAWholeIsChangedWithoutARestart() throws InterruptedException, TimeoutException {
        node.create("web", """
            resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
            containers:
            - {name: a, image: docker.io/library/x:1}
            - {name: b, image: docker.io/library/x:1, resources: {limits: {cpu: 100m, memory: 32Mi}}}
            """);
        node.awaitReady("web");
        resizeWhole("web", "300m");
        awaitWhole("300m");
        // One that has limits of its own is told nothing.
        assertEquals(30_000, node.runtime.last("a").getResources().getLinux().getCpuQuota());
        assertEquals(10_000, node.runtime.last("b").getResources().getLinux().getCpuQuota());
        agent.close();
        resizeWhole("web", "400m");
        agent = node.agent(time);
        awaitWhole("400m");
        assertEquals(40_000, node.runtime.last("a").getResources().getLinux().getCpuQuota());
        assertEquals(1, node.runtime.runs("a").size());
        assertEquals(1, node.runtime.runs("b").size());
    }

    private void awaitWhole(String cpu) throws InterruptedException {
        var _ = node.await("web", "given " + cpu, now -> {
            ResourceRequirements whole = now.getStatus().getResources();
            return whole != null
                    && cpu.equals(String.valueOf(whole.getLimits().get("cpu")))
                    && Pods.condition(now, "PodResizeInProgress") == null;
        });
    }

    private void resizeWhole(String pod, String cpu) {
        resizeBy(pod, "{\"spec\": {\"resources\": {\"limits\": {\"cpu\": \"%s\"}}}}".formatted(cpu));
    }

    @Test
    void whatWasAskedForWhileNoAgentWasThereIsGivenByTheNext() throws InterruptedException, TimeoutException {
        node.create("web", "containers: [{name: a, image: docker.io/library/x:1, resources: {requests: {cpu: 100m}}}]");
        node.awaitReady("web");
        agent.close();
        resize("web", "200m");
        agent = node.agent(time);
        TestCluster.await(
                "it is told",
                () -> node.runtime.last("a").getResources().getLinux().getCpuShares() == 204);
        assertEquals(1, node.runtime.runs("a").size());
    }

    private void resize(String pod, String cpu) {
        resizeBy(
                pod,
                "{\"spec\": {\"containers\": [{\"name\": \"a\", \"resources\": {\"requests\": {\"cpu\": \"%s\"}}}]}}"
                        .formatted(cpu));
    }

    private void resizeBy(String pod, String patch) {
        Pod named = new PodBuilder()
                .withNewMetadata()
                .withNamespace(node.namespace)
                .withName(pod)
                .endMetadata()
                .build();
        var _ = node.cluster
                .client()
                .resource(named)
                .subresource("resize")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
    }

    @Test
    void hooksRunAfterTheStartAndBeforeTheStop() throws InterruptedException {
        AtomicInteger stops = new AtomicInteger();
        node.runtime.onExec((id, command) -> {
            if (command.contains("stop")) {
                stops.incrementAndGet();
            }
            return ExecSyncResponse.newBuilder()
                    .setExitCode(command.contains("fail") ? 1 : 0)
                    .setStderr(ByteString.copyFromUtf8("no"))
                    .build();
        });
        node.create("web", """
            containers:
            - name: a
              image: docker.io/library/x:1
              lifecycle: {postStart: {exec: {command: [start]}}, preStop: {exec: {command: [stop]}}}
            """);
        node.awaitReady("web");
        node.delete("web");
        node.awaitGone("web");
        assertEquals(1, stops.get());
        node.create("bad", """
            containers: [{name: a, image: "docker.io/library/x:1", lifecycle: {postStart: {exec: {command: [fail]}}}}]
            """);
        node.await("bad", "waits", now -> TestNode.waitsFor(now, "a").equals("PostStartHookError"));
        TestCluster.await(
                "it is told of the container",
                () -> node.wasTold("bad", "spec.containers{a}", "FailedPostStartHook", "PostStartHook failed")
                        && node.wasTold("bad", "spec.containers{a}", "Killing", "FailedPostStartHook"));
    }

    @Test
    void aDeadSandboxIsReplaced() throws InterruptedException {
        node.create("web", ONE);
        node.awaitReady("web");
        node.runtime.killSandbox(node.runtime.sandboxes().iterator().next().getId());
        Pod again = node.await(
                "web",
                "restarted",
                now -> Pods.isReady(now) && TestNode.statuses(now).getFirst().getRestartCount() == 1);
        assertEquals("10.0.0.2", again.getStatus().getPodIP());
    }

    @Test
    void sidecarsEndAfterTheOthers() throws InterruptedException {
        node.create("web", """
            initContainers:
            - {name: s1, image: "docker.io/library/x:1", restartPolicy: Always}
            - {name: s2, image: "docker.io/library/x:1", restartPolicy: Always}
            containers: [{name: a, image: "docker.io/library/x:1"}]
            restartPolicy: Never
            """);
        node.awaitReady("web");
        node.runtime.exit(node.runtime.last("a").getId(), 0);
        Pod done = node.awaitPhase("web", "Succeeded");
        assertEquals(3, TestNode.statuses(done).size());
        assertTrue(node.runtime.last("s1").getFinishedAt()
                >= node.runtime.last("s2").getFinishedAt());
        for (String part : List.of("spec.initContainers{s1}", "spec.initContainers{s2}", "spec.containers{a}")) {
            TestCluster.await(
                    "its start is told of " + part,
                    () -> node.wasTold("web", part, "Created", "Container created")
                            && node.wasTold("web", part, "Started", "Container started"));
        }
        TestCluster.await(
                "its end is told of each sidecar",
                () -> node.wasTold("web", "spec.initContainers{s1}", "Killing", "Stopping container s1")
                        && node.wasTold("web", "spec.initContainers{s2}", "Killing", "Stopping container s2"));
    }

    private static List<ResourceStatus> gpu(String health) {
        return List.of(new ResourceStatus("example.com/gpu", List.of(new ResourceHealth(health, "g0"))));
    }

    private static List<ResourceStatus> devices(Pod pod) {
        return pod.getStatus().getContainerStatuses().getFirst().getAllocatedResourcesStatus();
    }

    @Test
    void theHealthOfDevicesIsInTheStatusAsSoonAsItIsKnownAndStaysAfterTheEnd() throws InterruptedException {
        node.rooms.health = gpu("Healthy");
        Pod pod = node.create(
                "web",
                "restartPolicy: Never\ncontainers: [{name: a, image: 'docker.io/library/x:1',"
                        + " resources: {limits: {example.com/gpu: 1}}}]");
        assertEquals(gpu("Healthy"), devices(node.awaitReady("web")));
        node.rooms.health = gpu("Unhealthy");
        agent.changed(pod.getMetadata().getUid());
        node.await("web", "the device is ill", now -> devices(now).equals(gpu("Unhealthy")));
        node.rooms.health = List.of();
        node.runtime.exit(node.runtime.last("a").getId(), 1);
        Pod failed = node.await("web", "it fails", now -> Pods.phase(now).equals("Failed"));
        assertEquals(gpu("Unhealthy"), devices(failed));
    }
}
