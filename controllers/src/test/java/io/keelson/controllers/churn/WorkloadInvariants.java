package io.keelson.controllers.churn;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every workload of a cluster at rest has exactly its pods, and says so. */
final class WorkloadInvariants {
    private static final Duration TTL_SLACK = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Instant now;
    private final List<Pod> pods;
    private final List<ReplicaSet> replicaSets;
    private final List<Job> jobs;
    private final List<Node> nodes;
    private final List<String> problems = new ArrayList<>();

    private WorkloadInvariants(KubernetesClient client, Instant now) {
        this.client = client;
        this.now = now;
        pods = client.pods().inAnyNamespace().list().getItems();
        replicaSets = client.apps().replicaSets().inAnyNamespace().list().getItems();
        jobs = client.batch().v1().jobs().inAnyNamespace().list().getItems();
        nodes = client.nodes().list().getItems();
    }

    /** What is wrong. */
    static List<String> problems(KubernetesClient client, Instant now) {
        WorkloadInvariants invariants = new WorkloadInvariants(client, now);
        client.apps().deployments().inAnyNamespace().list().getItems().forEach(invariants::check);
        invariants.replicaSets.forEach(invariants::check);
        client.apps().statefulSets().inAnyNamespace().list().getItems().forEach(invariants::check);
        client.apps().daemonSets().inAnyNamespace().list().getItems().forEach(invariants::check);
        invariants.jobs.forEach(invariants::check);
        client.batch().v1().cronjobs().inAnyNamespace().list().getItems().forEach(invariants::check);
        invariants.pods.forEach(invariants::check);
        return invariants.problems;
    }

    private static boolean isOf(HasMetadata object, HasMetadata owner) {
        var controller = Owners.controllerOf(object);
        return controller != null
                && Objects.equals(controller.getUid(), owner.getMetadata().getUid());
    }

    private <T extends HasMetadata> List<T> of(List<T> objects, HasMetadata owner) {
        return objects.stream().filter(object -> isOf(object, owner)).toList();
    }

    private void expect(HasMetadata object, String what, Object wanted, @Nullable Object found) {
        if (!wanted.equals(found)) {
            problems.add(Invariants.named(object) + ": " + what + " must be " + wanted + ", is " + found);
        }
    }

    private void expectObserved(HasMetadata object, @Nullable Long observed) {
        expect(object, "observed generation", object.getMetadata().getGeneration(), observed);
    }

    private void expectAllReady(HasMetadata owner, List<Pod> owned) {
        for (Pod pod : owned) {
            if (!Pods.isReady(pod)) {
                problems.add(
                        Invariants.named(owner) + ": " + Invariants.named(pod) + " is not ready: " + pod.getStatus());
            }
        }
    }

    private void check(Deployment deployment) {
        int wanted = deployment.getSpec().getReplicas();
        DeploymentStatus status = deployment.getStatus();
        expectObserved(deployment, status.getObservedGeneration());
        expect(deployment, "replicas", wanted, OrEmpty.of(status.getReplicas()));
        expect(deployment, "updated replicas", wanted, OrEmpty.of(status.getUpdatedReplicas()));
        expect(deployment, "available replicas", wanted, OrEmpty.of(status.getAvailableReplicas()));
        List<ReplicaSet> own = of(replicaSets, deployment);
        List<ReplicaSet> used =
                own.stream().filter(each -> each.getSpec().getReplicas() > 0).toList();
        if (wanted > 0) {
            expect(deployment, "ReplicaSets in use", 1, used.size());
            expect(
                    deployment,
                    "images of its ReplicaSet",
                    image(deployment.getSpec().getTemplate().getSpec()),
                    image(used.getFirst().getSpec().getTemplate().getSpec()));
        }
        int old = own.size() - 1;
        if (old > deployment.getSpec().getRevisionHistoryLimit()) {
            problems.add(Invariants.named(deployment) + " has " + old + " old ReplicaSets");
        }
    }

    private static String image(PodSpec spec) {
        return spec.getContainers().getFirst().getImage();
    }

    private void check(ReplicaSet set) {
        int wanted = set.getSpec().getReplicas();
        List<Pod> own = of(pods, set);
        expectObserved(set, set.getStatus().getObservedGeneration());
        expect(set, "pods", wanted, own.size());
        expect(set, "replicas", wanted, OrEmpty.of(set.getStatus().getReplicas()));
        expect(set, "available replicas", wanted, OrEmpty.of(set.getStatus().getAvailableReplicas()));
        expectAllReady(set, own);
    }

    private void check(StatefulSet set) {
        int wanted = set.getSpec().getReplicas();
        String name = set.getMetadata().getName();
        Set<String> names = new TreeSet<>();
        Set<String> claims = new TreeSet<>();
        for (int i = 0; i < wanted; i++) {
            names.add(name + '-' + i);
            claims.add("data-" + name + '-' + i);
        }
        List<Pod> own = of(pods, set);
        expectObserved(set, set.getStatus().getObservedGeneration());
        expect(set, "pods", names, names(own));
        expectAllReady(set, own);
        expect(set, "ready replicas", wanted, OrEmpty.of(set.getStatus().getReadyReplicas()));
        expect(set, "updated replicas", wanted, OrEmpty.of(set.getStatus().getUpdatedReplicas()));
        for (Pod pod : own) {
            expect(pod, "image", image(set.getSpec().getTemplate().getSpec()), image(pod.getSpec()));
        }
        expect(
                set,
                "claims",
                claims,
                names(
                        client
                                .persistentVolumeClaims()
                                .inNamespace(set.getMetadata().getNamespace())
                                .list()
                                .getItems()
                                .stream()
                                .filter(claim -> claim.getMetadata().getName().startsWith("data-" + name + '-'))
                                .toList()));
    }

    private static Set<String> names(List<? extends HasMetadata> objects) {
        return objects.stream()
                .map(object -> object.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void check(DaemonSet set) {
        Map<String, String> selector =
                OrEmpty.of(set.getSpec().getTemplate().getSpec().getNodeSelector());
        Set<String> wanted = names(nodes.stream()
                .filter(node ->
                        OrEmpty.of(node.getMetadata().getLabels()).entrySet().containsAll(selector.entrySet()))
                .toList());
        List<Pod> own = of(pods, set);
        expect(
                set,
                "nodes",
                new ArrayList<>(wanted),
                own.stream().map(Pods::node).sorted().toList());
        expectObserved(set, set.getStatus().getObservedGeneration());
        expect(
                set,
                "number available",
                wanted.size(),
                OrEmpty.of(set.getStatus().getNumberAvailable()));
        expect(set, "updated", wanted.size(), OrEmpty.of(set.getStatus().getUpdatedNumberScheduled()));
        expectAllReady(set, own);
        for (Pod pod : own) {
            expect(pod, "image", image(set.getSpec().getTemplate().getSpec()), image(pod.getSpec()));
        }
    }

    private void check(Job job) {
        List<JobCondition> conditions = OrEmpty.of(job.getStatus().getConditions());
        Predicate<String> is = type -> conditions.stream()
                .anyMatch(condition -> condition.getType().equals(type) && "True".equals(condition.getStatus()));
        List<Pod> own = of(pods, job);
        if (!is.test("Complete") && !is.test("Failed")) {
            problems.add(Invariants.named(job) + " has not finished: " + job.getStatus());
        }
        if (is.test("Complete")) {
            expect(
                    job,
                    "succeeded",
                    job.getSpec().getCompletions(),
                    OrEmpty.of(job.getStatus().getSucceeded()));
        }
        expect(job, "active", 0, OrEmpty.of(job.getStatus().getActive()));
        expect(job, "pods that run", 0L, own.stream().filter(Pods::isActive).count());
        for (Pod pod : own) {
            expect(pod, "finalizers", List.of(), OrEmpty.of(pod.getMetadata().getFinalizers()));
        }
        Integer ttl = job.getSpec().getTtlSecondsAfterFinished();
        for (JobCondition condition : conditions) {
            if (ttl != null
                    && Set.of("Complete", "Failed").contains(condition.getType())
                    && Instant.parse(condition.getLastTransitionTime())
                            .plusSeconds(ttl)
                            .plus(TTL_SLACK)
                            .isBefore(now)) {
                problems.add(Invariants.named(job) + " is there since its time is over");
            }
        }
    }

    private void check(CronJob cronJob) {
        List<Job> own = of(jobs, cronJob);
        expect(cronJob, "active jobs", List.of(), OrEmpty.of(cronJob.getStatus().getActive()));
        long succeeded = own.stream()
                .filter(job -> OrEmpty.of(job.getStatus().getConditions()).stream()
                        .anyMatch(condition -> condition.getType().equals("Complete")))
                .count();
        if (succeeded > 2 || own.size() - succeeded > 1) {
            problems.add(Invariants.named(cronJob) + " keeps " + succeeded + " jobs that went well of " + own.size());
        }
    }

    private void check(Pod pod) {
        var owner = Owners.controllerOf(pod);
        if (owner == null) {
            problems.add(Invariants.named(pod) + " is nobody's");
        }
        if (!names(nodes).contains(Pods.node(pod))) {
            problems.add(Invariants.named(pod) + " is on no node: " + Pods.node(pod) + ' ' + pod.getStatus());
        }
    }
}
