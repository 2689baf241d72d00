package io.keelson.dist.kills;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds what the API says of pods against what their policies ask for, what was killed, and what there is on the machine. */
final class Judge {
    private static final Set<String> OVER = Set.of("Succeeded", "Failed");

    private final KubernetesClient client;
    private final Machine machine;
    private final Path runs;
    private final Map<String, Integer> hits = new HashMap<>();
    private final Map<String, String> over = new HashMap<>();
    private Set<String> twins = Set.of();

    /** @param runs where lone pods tell that they were begun */
    Judge(KubernetesClient client, Machine machine, Path runs) {
        this.client = client;
        this.machine = machine;
        this.runs = runs;
    }

    /** A process of a pod is killed. */
    void hit(String uid) {
        hits.merge(uid, 1, Integer::sum);
    }

    /**
     * What must never be seen, however short after a kill: a pod that runs twice. One look may fall between the end of the
     * one and the beginning of the other.
     */
    void lookForTwins() {
        Map<String, List<RunningPod>> byName =
                machine.pods().stream().collect(Collectors.groupingBy(pod -> pod.namespace() + "/" + pod.name()));
        Set<String> now = byName.entrySet().stream()
                .filter(each -> each.getValue().size() > 1)
                .map(each -> each.getKey() + " runs in "
                        + each.getValue().stream()
                                .map(RunningPod::sandbox)
                                .sorted()
                                .toList())
                .collect(Collectors.toSet());
        for (String twin : now) {
            if (twins.contains(twin)) {
                throw new AssertionError(twin);
            }
        }
        twins = now;
    }

    /** What must never be seen in the API. */
    void lookAtTheApi() {
        for (Pod pod : pods()) {
            String uid = pod.getMetadata().getUid();
            String phase = phase(pod);
            String before = over.get(uid);
            if (before != null && !before.equals(phase)) {
                throw new AssertionError(name(pod) + " is " + phase + ", and was " + before);
            }
            if (OVER.contains(phase)) {
                over.put(uid, phase);
            }
        }
        for (Job job : client.batch()
                .v1()
                .jobs()
                .inNamespace(Workload.NAMESPACE)
                .list()
                .getItems()) {
            if (succeeded(job) > job.getSpec().getCompletions()) {
                throw new AssertionError(job.getMetadata().getName() + " succeeded " + succeeded(job) + " times of "
                        + job.getSpec().getCompletions());
            }
        }
    }

    private List<Pod> pods() {
        return client.pods().inNamespace(Workload.NAMESPACE).list().getItems();
    }

    private static String name(Pod pod) {
        return "pod " + pod.getMetadata().getName() + " (" + pod.getMetadata().getUid() + ", "
                + pod.getSpec().getRestartPolicy() + ")";
    }

    private static String phase(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getPhase() == null
                ? "Pending"
                : pod.getStatus().getPhase();
    }

    private static int succeeded(Job job) {
        Integer count = job.getStatus() == null ? null : job.getStatus().getSucceeded();
        return count == null ? 0 : count;
    }

    /** What is not yet as it should be, though nobody kills anything. */
    List<String> unsettled() throws IOException, InterruptedException {
        List<String> problems = new ArrayList<>();
        List<Pod> pods = pods();
        Set<String> processes = new HashSet<>(machine.containers().values());
        for (Pod pod : pods) {
            judge(pod, processes, problems);
        }
        judgeOwners(pods, problems);
        judgeMachine(pods, problems);
        if (problems.isEmpty()) {
            judgeNetwork(pods, problems);
        }
        return problems;
    }

    private static void judge(Pod pod, Set<String> processes, List<String> problems) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            problems.add(name(pod) + " is not gone");
            return;
        }
        String phase = phase(pod);
        boolean mayBeOver = switch (pod.getSpec().getRestartPolicy()) {
            case "Always" -> false;
            case "OnFailure" -> phase.equals("Succeeded");
            default -> OVER.contains(phase);
        };
        if (mayBeOver) {
            return;
        }
        boolean isReady = OrEmpty.of(pod.getStatus().getConditions()).stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
        if (!phase.equals("Running") || !isReady) {
            problems.add(name(pod) + " is " + phase + (isReady ? "" : ", not ready: ")
                    + statuses(pod)
                            .map(status -> status.getName() + " " + status.getState())
                            .toList());
            return;
        }
        statuses(pod)
                .filter(status -> status.getState().getRunning() != null)
                .filter(status -> !processes.contains(id(status)))
                .forEach(status ->
                        problems.add(name(pod) + ": of " + status.getName() + ", which runs, there is no process"));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return Stream.concat(
                OrEmpty.of(pod.getStatus().getInitContainerStatuses()).stream(),
                OrEmpty.of(pod.getStatus().getContainerStatuses()).stream());
    }

    private static String id(ContainerStatus status) {
        String id = String.valueOf(status.getContainerID());
        return id.substring(id.lastIndexOf('/') + 1);
    }

    private void judgeOwners(List<Pod> pods, List<String> problems) {
        for (Deployment each : client.apps()
                .deployments()
                .inNamespace(Workload.NAMESPACE)
                .list()
                .getItems()) {
            expect(
                    each.getMetadata().getName(),
                    Workload.wanted(each.getSpec().getReplicas()),
                    each.getStatus().getReadyReplicas(),
                    labelled(pods, each.getSpec().getSelector().getMatchLabels()),
                    problems);
        }
        for (StatefulSet each : client.apps()
                .statefulSets()
                .inNamespace(Workload.NAMESPACE)
                .list()
                .getItems()) {
            expect(
                    each.getMetadata().getName(),
                    Workload.wanted(each.getSpec().getReplicas()),
                    each.getStatus().getReadyReplicas(),
                    labelled(pods, each.getSpec().getSelector().getMatchLabels()),
                    problems);
        }
        for (Job job : client.batch()
                .v1()
                .jobs()
                .inNamespace(Workload.NAMESPACE)
                .list()
                .getItems()) {
            String name = "Job " + job.getMetadata().getName();
            long ended = pods.stream()
                    .filter(pod ->
                            Workload.owner(pod).equals(name) && phase(pod).equals("Succeeded"))
                    .count();
            if (succeeded(job) != job.getSpec().getCompletions() || ended != succeeded(job)) {
                problems.add(name + " has " + succeeded(job) + " completions and " + ended + " pods that ended well of "
                        + job.getSpec().getCompletions());
            }
        }
    }

    private static long labelled(List<Pod> pods, Map<String, String> labels) {
        return pods.stream()
                .filter(pod ->
                        OrEmpty.of(pod.getMetadata().getLabels()).entrySet().containsAll(labels.entrySet()))
                .filter(pod -> !OVER.contains(phase(pod)))
                .count();
    }

    private static void expect(String name, int wanted, Integer ready, long there, List<String> problems) {
        if (wanted != there || wanted != (ready == null ? 0 : ready)) {
            problems.add(name + " has " + there + " pods, " + ready + " ready, of " + wanted);
        }
    }

    private void judgeMachine(List<Pod> pods, List<String> problems) {
        Map<String, Long> running =
                machine.pods().stream().collect(Collectors.groupingBy(RunningPod::uid, Collectors.counting()));
        Map<String, Pod> known =
                pods.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), Function.identity()));
        running.forEach((uid, count) -> {
            Pod pod = known.get(uid);
            if (pod == null) {
                problems.add("nobody knows the pod " + uid + ", which runs");
            } else if (OVER.contains(phase(pod))) {
                problems.add(name(pod) + " is " + phase(pod) + ", and its sandbox runs");
            } else if (count > 1) {
                problems.add(name(pod) + " runs " + count + " times");
            }
        });
        known.forEach((uid, pod) -> {
            if (phase(pod).equals("Running") && !running.containsKey(uid)) {
                problems.add(name(pod) + " has no sandbox");
            }
        });
    }

    /** From the node to a Service, by each of its addresses, and into a pod with a policy from one that may and one that may not. */
    private void judgeNetwork(List<Pod> pods, List<String> problems) throws IOException, InterruptedException {
        String cluster = client.services()
                .inNamespace(Workload.NAMESPACE)
                .withName("web")
                .get()
                .getSpec()
                .getClusterIP();
        for (String address : List.of(cluster + ":80", NodeProcesses.ADDRESS + ":" + Workload.NODE_PORT)) {
            if (!Machine.said("curl", "-s", "-m", "2", "http://" + address + "/")
                    .contains("version")) {
                problems.add("the Service does not answer at " + address);
            }
        }
        Pod walled = labelled(pods, "walled");
        String address = "http://" + walled.getStatus().getPodIP() + ":8080/";
        if (!from(labelled(pods, "web"), address).contains("version")) {
            problems.add("the policy lets nobody in");
        }
        if (from(labelled(pods, "db"), address).contains("version")) {
            problems.add("the policy keeps nobody out");
        }
    }

    private static Pod labelled(List<Pod> pods, String app) {
        return pods.stream()
                .filter(pod ->
                        app.equals(OrEmpty.of(pod.getMetadata().getLabels()).get("app")))
                .findFirst()
                .orElseThrow();
    }

    private String from(Pod pod, String url) throws IOException, InterruptedException {
        RunningPod running = machine.pods().stream()
                .filter(each -> each.uid().equals(pod.getMetadata().getUid()))
                .findFirst()
                .orElseThrow();
        return Machine.said("nsenter", "--net=" + machine.network(running), "curl", "-s", "-m", "1", url);
    }

    /** What is wrong for good, once all has settled: what was begun again though nobody killed it, or must not be begun twice. */
    List<String> wrong(Workload workload) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Pod pod : pods()) {
            String uid = pod.getMetadata().getUid();
            int reasons = hits.getOrDefault(uid, 0) + workload.changes(uid) + (isToFailOnce(pod) ? 1 : 0);
            statuses(pod)
                    .filter(status -> status.getRestartCount() > reasons)
                    .forEach(status -> wrong.add(name(pod)
                            + ": " + status.getName() + " was begun again " + status.getRestartCount() + " times, with "
                            + reasons + " reasons"));
            Path file = runs.resolve(uid);
            if (Files.exists(file) && pod.getSpec().getRestartPolicy().equals("Never")) {
                int begun = Files.readAllLines(file).size();
                if (begun > 1) {
                    wrong.add(name(pod) + " was begun " + begun + " times");
                }
            }
        }
        return wrong;
    }

    private static boolean isToFailOnce(Pod pod) {
        return Objects.requireNonNullElse(
                        pod.getSpec().getContainers().getFirst().getCommand(), List.<String>of())
                .toString()
                .contains("exit 3");
    }
}
