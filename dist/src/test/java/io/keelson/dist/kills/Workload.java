package io.keelson.dist.kills;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Pods of all kinds in the namespace {@code default}, which are created, changed and deleted on a thread of its own. */
final class Workload implements AutoCloseable {
    static final String NAMESPACE = "default";
    static final int NODE_PORT = 30_080;
    private static final int LONE_PODS_MAX = 7;
    private static final int JOBS_MAX = 2;

    private static final String BASE = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {colour: blue}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: password}
            stringData: {word: secret}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: NodePort
              selector: {app: web}
              ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 2
                  containers:
                  - name: web
                    image: keelson/web:1
                    readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}
                    volumeMounts:
                    - {name: settings, mountPath: /settings}
                    - {name: password, mountPath: /password}
                    - {name: memory, mountPath: /memory}
                  volumes:
                  - {name: settings, configMap: {name: settings}}
                  - {name: password, secret: {secretName: password}}
                  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: walled}
            spec:
              replicas: 1
              selector: {matchLabels: {app: walled}}
              template:
                metadata: {labels: {app: walled}}
                spec:
                  terminationGracePeriodSeconds: 2
                  initContainers:
                  - {name: first, image: "keelson/web:1", command: [sh, -c, "echo first > /shared/first"],
                     volumeMounts: [{name: shared, mountPath: /shared}]}
                  - {name: beside, image: "keelson/web:1", command: [sh, -c, "exec /web"], restartPolicy: Always,
                     env: [{name: PORT, value: "8081"}]}
                  containers:
                  - name: main
                    image: keelson/web:2
                    readinessProbe: {exec: {command: [sh, -c, "test -e /shared/first"]}, periodSeconds: 1}
                    volumeMounts: [{name: shared, mountPath: /shared}]
                  volumes: [{name: shared, emptyDir: {}}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: walled}
            spec:
              podSelector: {matchLabels: {app: walled}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db}
            spec: {clusterIP: None, selector: {app: db}, ports: [{port: 8080}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              serviceName: db
              replicas: 2
              podManagementPolicy: Parallel
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec:
                  terminationGracePeriodSeconds: 2
                  containers:
                  - name: db
                    image: keelson/web:1
                    command: [sh, -c, "test -e /data/name || hostname > /data/name; exec /web"]
                    readinessProbe: {exec: {command: [sh, -c, "grep -qx $(hostname) /data/name"]}, periodSeconds: 2}
                    volumeMounts: [{name: data, mountPath: /data}]
              volumeClaimTemplates:
              - metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
            """;

    private static final String LONG = "trap \"exit 0\" TERM; while :; do sleep 1000 & wait $!; done";
    private static final String SHORT = "sleep 2";
    /** Fails once, and finds what it has kept when it is begun again. */
    private static final String AT_LAST = "test -e /kept/x || { echo > /kept/x; exit 3; }; " + LONG;

    private final KubernetesClient client;
    private final SplittableRandom random;
    private final Path runs;
    private final Map<String, AtomicInteger> changed = new ConcurrentHashMap<>();
    private final Map<String, Integer> done = new HashMap<>();
    private final Map<String, Integer> failed = new HashMap<>();
    private int named;
    private volatile boolean ends;
    private @Nullable Thread thread;

    /** @param runs a folder of the node in which lone pods tell that they were begun */
    Workload(KubernetesClient client, SplittableRandom random, Path runs) {
        this.client = client;
        this.random = random;
        this.runs = runs;
    }

    /** Makes what is there in each round from its beginning. */
    void prepare() {
        apply(BASE);
        for (String policy : List.of("Always", "OnFailure", "Never")) {
            addPod(policy);
        }
        addJob();
    }

    private void apply(String yaml) {
        for (HasMetadata object : client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items()) {
            client.resource(object).inNamespace(NAMESPACE).createOr(known -> known.update());
        }
    }

    /** Begins to change things. */
    void begin() {
        ends = false;
        thread = Thread.ofVirtual().name("workload").start(() -> {
            while (!ends) {
                change();
            }
        });
    }

    /** Changes nothing any more. */
    void rest() throws InterruptedException {
        ends = true;
        if (thread != null) {
            thread.join();
        }
    }

    private interface Change {
        void make();
    }

    private void change() {
        switch (random.nextInt(14)) {
            case 0, 1, 2 ->
                make("pod", () -> addPod(List.of("Always", "OnFailure", "Never").get(random.nextInt(3))));
            case 3, 4 -> make("removed pod", this::removePod);
            case 5 -> make("other image", this::changeImage);
            case 6 -> make("scale", this::scale);
            case 7 -> make("rollout", this::rollOut);
            case 8 -> make("job", this::addJob);
            case 9 -> make("removed job", this::removeJob);
            case 10 -> make("settings", this::changeSettings);
            case 11 -> make("policy", this::changePolicy);
            case 12 -> make("service", this::changeService);
            default -> make("removed stateful pod", this::removeStatefulPod);
        }
        try {
            Thread.sleep(Duration.ofMillis(50 + random.nextInt(700)));
        } catch (InterruptedException e) {
            ends = true;
        }
    }

    private void make(String what, Change change) {
        try {
            change.make();
            done.merge(what, 1, Integer::sum);
        } catch (KubernetesClientException unreachable) {
            // The API is killed now and then, and objects change or go meanwhile.
            failed.merge(what, 1, Integer::sum);
        }
    }

    private List<Pod> lonePods() {
        return client.pods().inNamespace(NAMESPACE).withLabel("app", "lone").list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private void addPod(String policy) {
        if (lonePods().size() >= LONE_PODS_MAX) {
            return;
        }
        String does = policy.equals("Always")
                ? LONG
                : policy.equals("Never") ? random.nextBoolean() ? SHORT : LONG : random.nextBoolean() ? SHORT : AT_LAST;
        apply(pod(name(policy), policy, does));
    }

    /** One pod. Each start of it adds a line to a file of the node. */
    private String pod(String name, String policy, String does) {
        return """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, labels: {app: lone}}
            spec:
              restartPolicy: %s
              terminationGracePeriodSeconds: 1
              containers:
              - name: one
                image: keelson/web:1
                command: [sh, -c, 'echo begun >> /runs/$POD; %s']
                env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}]
                volumeMounts:
                - {name: runs, mountPath: /runs}
                - {name: kept, mountPath: /kept}
              volumes:
              - {name: runs, hostPath: {path: "%s", type: DirectoryOrCreate}}
              - {name: kept, emptyDir: {}}
            """.formatted(name, policy, does, runs);
    }

    private String name(String kind) {
        return kind.toLowerCase(Locale.ROOT) + "-" + ++named;
    }

    private void removePod() {
        List<Pod> pods = lonePods();
        if (!pods.isEmpty()) {
            Pod pod = Machine.any(pods, random);
            var resource = client.resource(pod);
            if (random.nextInt(4) == 0) {
                resource.withGracePeriod(0).delete();
            } else {
                resource.delete();
            }
        }
    }

    private void changeImage() {
        List<Pod> pods = lonePods();
        if (!pods.isEmpty()) {
            Pod pod = Machine.any(pods, random);
            count(pod.getMetadata().getUid());
            client.resource(pod).edit(known -> {
                Container container = known.getSpec().getContainers().getFirst();
                container.setImage(container.getImage().endsWith("1") ? "keelson/web:2" : "keelson/web:1");
                return known;
            });
        }
    }

    private void count(String uid) {
        var _ = changed.computeIfAbsent(uid, _ -> new AtomicInteger()).incrementAndGet();
    }

    private void scale() {
        if (random.nextBoolean()) {
            client.apps().deployments().inNamespace(NAMESPACE).withName("web").scale(1 + random.nextInt(3));
        } else {
            client.apps().statefulSets().inNamespace(NAMESPACE).withName("db").scale(1 + random.nextInt(2));
        }
    }

    private void rollOut() {
        String name = random.nextBoolean() ? "web" : "walled";
        client.apps().deployments().inNamespace(NAMESPACE).withName(name).edit(known -> {
            known.getSpec().getTemplate().getMetadata().setAnnotations(Map.of("turn", Integer.toString(++named)));
            return known;
        });
    }

    private List<Job> jobs() {
        return client.batch().v1().jobs().inNamespace(NAMESPACE).list().getItems();
    }

    private void addJob() {
        if (jobs().size() < JOBS_MAX) {
            apply(job(name("job"), random.nextBoolean() ? "Never" : "OnFailure"));
        }
    }

    private static String job(String name, String policy) {
        return """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: %s}
            spec:
              completions: 3
              parallelism: 2
              backoffLimit: 1000
              template:
                spec:
                  restartPolicy: %s
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: work, image: "keelson/web:1", command: [sh, -c, "sleep 1"]}
            """.formatted(name, policy);
    }

    private void removeJob() {
        List<Job> jobs = jobs();
        if (jobs.size() == JOBS_MAX) {
            client.resource(Machine.any(jobs, random)).delete();
        }
    }

    private void changeSettings() {
        client.configMaps().inNamespace(NAMESPACE).withName("settings").edit(known -> {
            known.setData(Map.of("colour", "colour-" + ++named));
            return known;
        });
    }

    private void changePolicy() {
        var policy =
                client.network().v1().networkPolicies().inNamespace(NAMESPACE).withName("turned");
        if (policy.get() != null) {
            policy.delete();
            return;
        }
        apply("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: turned}
                spec:
                  podSelector: {matchLabels: {app: db}}
                  policyTypes: [Ingress]
                  ingress: [{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 8080}]}]
                """);
    }

    private void changeService() {
        var service = client.services().inNamespace(NAMESPACE).withName("more");
        if (service.get() != null) {
            service.delete();
            return;
        }
        apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: more}
                spec: {selector: {app: web}, sessionAffinity: ClientIP, ports: [{port: 81, targetPort: 8080}]}
                """);
    }

    private void removeStatefulPod() {
        client.pods().inNamespace(NAMESPACE).withName("db-" + random.nextInt(2)).delete();
    }

    /** How often a pod was changed in a way that begins its container again. */
    int changes(String uid) {
        AtomicInteger count = changed.get(uid);
        return count == null ? 0 : count.get();
    }

    /** Deletes all of it, with claims and what was added. */
    void removeAll() {
        client.apps().deployments().inNamespace(NAMESPACE).delete();
        client.apps().statefulSets().inNamespace(NAMESPACE).delete();
        client.batch().v1().jobs().inNamespace(NAMESPACE).delete();
        client.network().v1().networkPolicies().inNamespace(NAMESPACE).delete();
        for (String name : List.of("web", "db", "more")) {
            client.services().inNamespace(NAMESPACE).withName(name).delete();
        }
        client.configMaps().inNamespace(NAMESPACE).withName("settings").delete();
        client.secrets().inNamespace(NAMESPACE).withName("password").delete();
        client.pods().inNamespace(NAMESPACE).withLabel("app", "lone").delete();
        client.persistentVolumeClaims().inNamespace(NAMESPACE).delete();
    }

    /** What is left of pods and volumes in the API. */
    List<String> left() {
        List<HasMetadata> left = new ArrayList<>();
        left.addAll(client.pods().inNamespace(NAMESPACE).list().getItems());
        left.addAll(client.persistentVolumes().list().getItems());
        return left.stream()
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
    }

    /** What was done, and what could not be, as the API was away or somebody else was faster. */
    String told() {
        int did = done.values().stream().mapToInt(Integer::intValue).sum();
        int didNot = failed.values().stream().mapToInt(Integer::intValue).sum();
        return did + " changes (" + didNot + " more met no API)";
    }

    /** The replicas that somebody wants. */
    static int wanted(@Nullable Integer replicas) {
        return replicas == null ? 1 : replicas;
    }

    /** The owner of a pod, as {@code Job x}; empty if it has none. */
    static String owner(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getOwnerReferences()).stream()
                .findFirst()
                .map(owner -> owner.getKind() + " " + owner.getName())
                .orElse("");
    }

    @Override
    public void close() {
        ends = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
