package io.keelson.controllers.churn;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.Deletion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Users and operators who change their minds, as a seed decides; and then want everything calm. */
final class Users {
    private static final List<String> NAMESPACES = List.of("team-0", "team-1", "team-2");
    private static final List<String> MACHINES = List.of("m0", "m1", "m2", "m3", "m4", "m5");
    private static final List<String> PROPAGATIONS = List.of("Background", "Foreground", "Orphan");
    private static final int MACHINES_MIN = 3;
    /** Forbidden, not found, in conflict, not possible, not now. */
    private static final Set<Integer> REFUSALS = Set.of(403, 404, 409, 422, 429);

    private final SimulatedCluster cluster;
    private final KubernetesClient client;
    private final CronWitness witness;
    private final Random random;
    /** What was done, for whoever looks for the reason of a failure. */
    private final List<String> diary = new ArrayList<>();

    Users(SimulatedCluster cluster, CronWitness witness, long seed) {
        this.cluster = cluster;
        this.witness = witness;
        client = cluster.client();
        random = new Random(seed);
    }

    /** What was done last. */
    List<String> diary() {
        return diary.subList(Math.max(0, diary.size() - 60), diary.size());
    }

    /** All machines and some teams. */
    void begin() throws InterruptedException {
        for (String machine : MACHINES) {
            cluster.switchOn(machine);
        }
        for (String namespace : NAMESPACES) {
            makeNamespace(namespace);
        }
    }

    /** Does something. */
    void act() throws IOException, InterruptedException {
        String namespace = pick(NAMESPACES);
        try {
            act(namespace, random.nextInt(100));
        } catch (KubernetesClientException e) {
            // What somebody wants is not always possible: it is there already, or gone, or its namespace is on its way
            // out.
            if (!REFUSALS.contains(e.getCode())) {
                throw e;
            }
            note("refused: " + e.getCode());
        }
    }

    private void act(String namespace, int choice) throws IOException, InterruptedException {
        if (choice < 24) {
            onDeployment(namespace, "web-" + random.nextInt(3));
        } else if (choice < 34) {
            onStatefulSet(namespace, "db-" + random.nextInt(2));
        } else if (choice < 42) {
            onDaemonSet(namespace, "agent-" + random.nextInt(2));
        } else if (choice < 50) {
            onJob(namespace, "job-" + random.nextInt(4));
        } else if (choice < 57) {
            onCronJob(namespace, "cron-" + random.nextInt(2));
        } else if (choice < 63) {
            onService(namespace, random.nextBoolean() ? "web-" + random.nextInt(3) : "db-" + random.nextInt(2));
        } else if (choice < 68) {
            onBudgetOrQuota(namespace);
        } else if (choice < 78) {
            killPod(namespace);
        } else if (choice < 82) {
            onAutoscaler(namespace, "web-" + random.nextInt(3));
        } else if (choice < 95) {
            onMachine(pick(MACHINES));
        } else if (choice < 98) {
            onNamespace(namespace);
        } else {
            note("restart control");
            cluster.restartControl();
        }
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private void note(String what) {
        diary.add(cluster.now() + " " + what);
    }

    private void create(String namespace, String yaml) {
        HasMetadata made = client.resource(yaml).inNamespace(namespace).create();
        note("create " + made.getKind() + ' ' + namespace + '/'
                + made.getMetadata().getName());
        if (made instanceof CronJob cronJob
                && cronJob.getSpec().getConcurrencyPolicy().equals("Allow")) {
            String schedule = cronJob.getSpec().getSchedule();
            witness.begins(cronJob, Integer.parseInt(schedule.substring(2, schedule.indexOf(' '))));
        }
    }

    private void patch(HasMetadata object, String json) {
        note("patch " + object.getKind() + ' ' + object.getMetadata().getNamespace() + '/'
                + object.getMetadata().getName() + ' ' + json);
        client.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private void delete(HasMetadata object, @Nullable String propagation) {
        note("delete " + object.getKind() + ' ' + object.getMetadata().getNamespace() + '/'
                + object.getMetadata().getName() + ' ' + propagation);
        boolean _ = Deletion.of(client, object, null, propagation);
        if (object instanceof CronJob) {
            witness.ends(object.getMetadata().getUid(), cluster.now());
        }
    }

    private <T extends HasMetadata> @Nullable T find(Class<T> kind, String namespace, String name) {
        return client.resources(kind).inNamespace(namespace).withName(name).get();
    }

    /** What is there goes, and what is not comes. */
    private void deleteOrCreate(Class<? extends HasMetadata> kind, String namespace, String name, String yaml) {
        HasMetadata found = find(kind, namespace, name);
        if (found != null) {
            delete(found, null);
        } else {
            create(namespace, yaml);
        }
    }

    private static String template(String name, String image, String more) {
        return "{metadata: {labels: {app: " + name + "}}, spec: {" + more + "containers: [{name: c, image: \"" + image
                + "\"}]}}";
    }

    private String image(String kind) {
        return kind + ':' + random.nextInt(5);
    }

    private static String withImage(String image) {
        return "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"" + image + "\"}]}}}}";
    }

    private void onDeployment(String namespace, String name) {
        Deployment found = find(Deployment.class, namespace, name);
        if (found == null) {
            create(namespace, """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: %s}
                    spec:
                      replicas: %d
                      revisionHistoryLimit: 2
                      strategy: %s
                      selector: {matchLabels: {app: %s}}
                      template: %s
                    """.formatted(
                            name,
                            random.nextInt(6),
                            random.nextInt(4) == 0
                                    ? "{type: Recreate}"
                                    : "{rollingUpdate: {maxSurge: %d, maxUnavailable: 1}}".formatted(random.nextInt(3)),
                            name,
                            template(name, image("web"), "")));
            return;
        }
        switch (random.nextInt(8)) {
            case 0, 1 -> patch(found, "{\"spec\":{\"replicas\":" + random.nextInt(7) + "}}");
            case 2, 3 -> patch(found, withImage(image("web")));
            case 4 -> rollBack(found);
            case 5 -> patch(found, "{\"spec\":{\"paused\":" + random.nextBoolean() + "}}");
            case 6 -> {
                patch(found, withImage(image("web")));
                patch(found, "{\"spec\":{\"replicas\":" + random.nextInt(7) + "}}");
            }
            default -> delete(found, pick(PROPAGATIONS));
        }
    }

    private void rollBack(HasMetadata deployment) {
        List<ReplicaSet> replicaSets = client.apps()
                .replicaSets()
                .inNamespace(deployment.getMetadata().getNamespace())
                .withLabel("app", deployment.getMetadata().getName())
                .list()
                .getItems();
        if (!replicaSets.isEmpty()) {
            patch(
                    deployment,
                    withImage(pick(replicaSets)
                            .getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .getImage()));
        }
    }

    private void onStatefulSet(String namespace, String name) {
        StatefulSet found = find(StatefulSet.class, namespace, name);
        if (found == null) {
            create(namespace, """
                    apiVersion: apps/v1
                    kind: StatefulSet
                    metadata: {name: %s}
                    spec:
                      replicas: %d
                      serviceName: %s
                      podManagementPolicy: %s
                      persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}
                      selector: {matchLabels: {app: %s}}
                      template: %s
                      volumeClaimTemplates:
                      - metadata: {name: data}
                        spec:
                          accessModes: [ReadWriteOnce]
                          resources: {requests: {storage: 1Gi}}
                    """.formatted(
                            name,
                            random.nextInt(4),
                            name,
                            random.nextBoolean() ? "OrderedReady" : "Parallel",
                            name,
                            template(name, image("db"), "terminationGracePeriodSeconds: 5, ")));
            return;
        }
        switch (random.nextInt(5)) {
            case 0, 1 -> patch(found, "{\"spec\":{\"replicas\":" + random.nextInt(5) + "}}");
            case 2, 3 -> patch(found, withImage(image("db")));
            default -> delete(found, random.nextBoolean() ? "Background" : "Foreground");
        }
    }

    private void onDaemonSet(String namespace, String name) {
        DaemonSet found = find(DaemonSet.class, namespace, name);
        if (found == null) {
            create(namespace, """
                    apiVersion: apps/v1
                    kind: DaemonSet
                    metadata: {name: %s}
                    spec:
                      revisionHistoryLimit: 2
                      selector: {matchLabels: {app: %s}}
                      template: %s
                    """.formatted(
                            name,
                            name,
                            template(name, image("agent"), random.nextBoolean() ? "nodeSelector: {disk: ssd}, " : "")));
            return;
        }
        switch (random.nextInt(4)) {
            case 0, 1, 2 -> patch(found, withImage(image("agent")));
            default -> delete(found, random.nextBoolean() ? "Background" : "Foreground");
        }
    }

    private void onJob(String namespace, String name) {
        Job found = find(Job.class, namespace, name);
        if (found != null) {
            delete(found, random.nextBoolean() ? "Background" : "Foreground");
            return;
        }
        boolean works = random.nextInt(3) > 0;
        create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                  completions: %d
                  parallelism: %d
                  completionMode: %s
                  backoffLimit: 2
                  %s
                  template: %s
                """.formatted(
                        name,
                        1 + random.nextInt(5),
                        1 + random.nextInt(3),
                        random.nextBoolean() ? "Indexed" : "NonIndexed",
                        random.nextBoolean() ? "ttlSecondsAfterFinished: " + random.nextInt(300) : "",
                        template(name, works ? "work:1" : "flaky:1", "restartPolicy: Never, ")));
    }

    private void onCronJob(String namespace, String name) {
        CronJob found = find(CronJob.class, namespace, name);
        if (found != null) {
            if (random.nextInt(3) == 0) {
                delete(found, "Background");
            } else if (!"Allow".equals(found.getSpec().getConcurrencyPolicy())) {
                patch(found, "{\"spec\":{\"suspend\":" + random.nextBoolean() + "}}");
            }
            return;
        }
        create(namespace, """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: %s}
                spec:
                  schedule: "*/%d * * * *"
                  concurrencyPolicy: %s
                  successfulJobsHistoryLimit: 2
                  jobTemplate:
                    spec:
                      backoffLimit: 1
                      template: %s
                """.formatted(
                        name,
                        pick(List.of(1, 2, 5, 15, 30)),
                        pick(List.of("Allow", "Allow", "Forbid", "Replace")),
                        template(name, random.nextInt(4) > 0 ? "work:1" : "flaky:1", "restartPolicy: Never, ")));
    }

    private void onService(String namespace, String name) {
        deleteOrCreate(Service.class, namespace, name, """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {selector: {app: %s}, ports: [{port: 80}]}
                """.formatted(name, name));
    }

    private void onBudgetOrQuota(String namespace) {
        String name = "web-" + random.nextInt(3);
        if (random.nextBoolean()) {
            deleteOrCreate(PodDisruptionBudget.class, namespace, name, """
                    apiVersion: policy/v1
                    kind: PodDisruptionBudget
                    metadata: {name: %s}
                    spec: {minAvailable: %d, selector: {matchLabels: {app: %s}}}
                    """.formatted(name, random.nextInt(3), name));
        } else {
            deleteOrCreate(ResourceQuota.class, namespace, "few", """
                    apiVersion: v1
                    kind: ResourceQuota
                    metadata: {name: few}
                    spec: {hard: {pods: "%d", count/replicasets.apps: "50", services: "10"}}
                    """.formatted(5 + random.nextInt(20)));
        }
    }

    private void onAutoscaler(String namespace, String name) {
        deleteOrCreate(HorizontalPodAutoscaler.class, namespace, name, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: %s}
                spec:
                  minReplicas: 2
                  maxReplicas: 4
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
                  metrics:
                  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
                """.formatted(name, name));
    }

    private void killPod(String namespace) {
        List<Pod> pods = client.pods().inNamespace(namespace).list().getItems();
        if (pods.isEmpty()) {
            return;
        }
        Pod pod = pick(pods);
        switch (random.nextInt(3)) {
            case 0 -> {
                note("evict " + namespace + '/' + pod.getMetadata().getName());
                boolean _ = client.pods()
                        .inNamespace(namespace)
                        .withName(pod.getMetadata().getName())
                        .evict();
            }
            case 1 -> {
                note("kill " + namespace + '/' + pod.getMetadata().getName());
                boolean _ = Deletion.of(client, pod, 0L, null);
            }
            default -> delete(pod, null);
        }
    }

    private void onMachine(String machine) throws InterruptedException {
        String name = SimulatedCluster.node(machine);
        Node node = client.nodes().withName(name).get();
        boolean runs = cluster.machines().contains(machine);
        switch (random.nextInt(7)) {
            case 0, 1 -> {
                if (runs && cluster.machines().size() > MACHINES_MIN) {
                    note("switch off " + machine);
                    cluster.switchOff(machine);
                } else if (!runs) {
                    switchOn(machine);
                }
            }
            case 2 -> {
                if (node != null && cluster.machines().size() > MACHINES_MIN) {
                    cluster.switchOff(machine);
                    delete(node, null);
                } else {
                    switchOn(machine);
                }
            }
            case 3 -> switchOn(machine);
            case 4 ->
                editNode(
                        name,
                        "cordon",
                        now -> now.editOrNewSpec().withUnschedulable(true).endSpec());
            case 5 ->
                editNode(
                        name,
                        "taint",
                        now -> now.editOrNewSpec()
                                .addNewTaint(random.nextBoolean() ? "NoExecute" : "NoSchedule", "team", null, "other")
                                .endSpec());
            default -> {
                calm(name);
                editNode(
                        name,
                        "label",
                        now -> random.nextBoolean()
                                ? now.editMetadata().addToLabels("disk", "ssd").endMetadata()
                                : now.editMetadata().removeFromLabels("disk").endMetadata());
            }
        }
    }

    private void switchOn(String machine) throws InterruptedException {
        if (!cluster.machines().contains(machine)) {
            note("switch on " + machine);
            cluster.switchOn(machine);
        }
    }

    private interface NodeEdit {
        NodeBuilder change(NodeBuilder node);
    }

    private void editNode(String name, String what, NodeEdit edit) {
        if (client.nodes().withName(name).get() != null) {
            note(what + ' ' + name);
            client.nodes()
                    .withName(name)
                    .edit(now -> edit.change(new NodeBuilder(now)).build());
        }
    }

    /** Takes away what an operator did to a node. */
    private void calm(String node) {
        editNode(
                node,
                "calm",
                now -> now.editOrNewSpec()
                        .withUnschedulable(null)
                        .removeMatchingFromTaints(taint -> "team".equals(taint.getKey()))
                        .endSpec());
    }

    private void makeNamespace(String name) {
        note("create namespace " + name);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    private void onNamespace(String name) {
        if (client.namespaces().withName(name).get() == null) {
            makeNamespace(name);
        } else {
            for (CronJob cronJob :
                    client.batch().v1().cronjobs().inNamespace(name).list().getItems()) {
                witness.ends(cronJob.getMetadata().getUid(), cluster.now());
            }
            note("delete namespace " + name);
            client.namespaces().withName(name).delete();
        }
    }

    /** Wants no more changes: all machines run, nothing holds anything up, and what runs by the clock is suspended. */
    void calmDown() throws InterruptedException {
        for (String machine : MACHINES) {
            if (client.nodes().withName(SimulatedCluster.node(machine)).get() == null) {
                cluster.switchOff(machine);
            }
            switchOn(machine);
            // Whoever writes to the node as well has done so then.
            cluster.rest(Duration.ofMillis(300));
            calm(SimulatedCluster.node(machine));
        }
        for (String namespace : NAMESPACES) {
            client.resourceQuotas()
                    .inNamespace(namespace)
                    .list()
                    .getItems()
                    .forEach(quota -> patch(quota, "{\"spec\":{\"hard\":{\"pods\":\"1000\"}}}"));
            client.apps()
                    .deployments()
                    .inNamespace(namespace)
                    .list()
                    .getItems()
                    .forEach(deployment -> patch(deployment, "{\"spec\":{\"paused\":false}}"));
            for (CronJob cronJob :
                    client.batch().v1().cronjobs().inNamespace(namespace).list().getItems()) {
                patch(cronJob, "{\"spec\":{\"suspend\":true}}");
                witness.ends(cronJob.getMetadata().getUid(), cluster.now());
            }
        }
    }

    /** Wants nothing any more. */
    void leave() {
        for (String namespace : NAMESPACES) {
            client.namespaces().withName(namespace).delete();
        }
        for (String machine : Set.copyOf(cluster.machines())) {
            cluster.switchOff(machine);
        }
        client.nodes().delete();
    }

    /** Namespaces that users made, whether they are there now or not. */
    static Set<String> namespaces() {
        return new TreeSet<>(NAMESPACES);
    }
}
