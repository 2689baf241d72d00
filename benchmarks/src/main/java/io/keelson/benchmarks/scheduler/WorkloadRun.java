package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.cluster.ApiObjects;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does the operations of one case in one size, on a cluster without nodes and pods, and leaves it so when it is
 * {@linkplain #clean cleaned}.
 */
final class WorkloadRun {
    private static final int ATTEMPT_POLL_MILLIS = 500;
    private static final int REFUSED_SECONDS_MAX = 30;
    private static final String NO_FINALIZERS = "{\"metadata\":{\"finalizers\":null}}";

    private final TestedCluster cluster;
    private final ApiObjects objects;
    private final PerfCase perfCase;
    private final Map<String, Long> params;
    private final Template usualPod;
    private final Template usualNode;
    private final long seed;
    private final long stallSeconds;
    private final ScheduledPods scheduled;
    private final PodMaker pods;
    private final Set<String> namespaces = new HashSet<>();
    private final Map<String, Long> wanted = new HashMap<>();
    private final List<String> made = new ArrayList<>();
    private final List<Churner> churners = new ArrayList<>();
    private final List<Measured> measured = new ArrayList<>();
    private final List<Deletion> deletions = new ArrayList<>();
    private @Nullable Measurement measurement;

    /**
     * What holds for all runs.
     *
     * @param pod what pods look like if nothing says
     * @param stallSeconds for how long no pod may get a node before a run is given up
     */
    record Usual(Template pod, Template node, long seed, long stallSeconds) {}

    WorkloadRun(TestedCluster cluster, PerfCase perfCase, PerfCase.Workload workload, Usual usual)
            throws IOException, InterruptedException {
        this.cluster = cluster;
        this.objects = cluster.objects();
        this.perfCase = perfCase;
        this.params = workload.params();
        this.usualPod = perfCase.defaultPod() == null ? usual.pod() : perfCase.defaultPod();
        this.usualNode = usual.node();
        this.seed = usual.seed();
        this.stallSeconds = usual.stallSeconds();
        this.pods = new PodMaker(objects, params);
        this.scheduled = new ScheduledPods(cluster.api().connection());
    }

    /** Does it all; what was measured, in the order in which it ended. */
    List<Measured> run() throws IOException, InterruptedException {
        List<Operation> operations = perfCase.operations();
        for (int number = 0; number < operations.size(); number++) {
            run(operations.get(number), number);
        }
        if (measurement != null) {
            throw new IOException(perfCase.name() + " starts to collect metrics, and does not stop");
        }
        check();
        return List.copyOf(measured);
    }

    private void run(Operation operation, int number) throws IOException, InterruptedException {
        String own = "namespace-" + number;
        switch (operation) {
            case Operation.CreateNodes nodes ->
                new NodeMaker(objects, usualNode, seed).make(nodes, number, params, made);
            case Operation.CreateNamespaces each -> createNamespaces(each);
            case Operation.CreatePods each -> createPods(each, number, orOwn(each.namespace(), own));
            case Operation.CreatePodSets sets -> {
                for (int i = 0; i < sets.count().in(params); i++) {
                    createPods(sets.pods(), number, sets.namespacePrefix() + "-" + i);
                }
            }
            case Operation.Churn churn -> {
                createNamespace(own);
                churners.add(Churner.start(cluster.api().connection(), objects, churn, own));
            }
            case Operation.Barrier barrier -> await(barrier.attempted());
            case Operation.Sleep sleep ->
                TimeUnit.MILLISECONDS.sleep(sleep.time().toMillis());
            case Operation.CreateAny any -> createAny(any, orOwn(any.namespace(), own));
            case Operation.UpdateAny any -> updateAny(any, orOwn(any.namespace(), own));
            case Operation.DeletePods deletion -> delete(deletion);
            case Operation.StartCollecting start -> begin(start.namespaces());
            case Operation.StopCollecting _ -> end();
            case Operation.ExpectUnschedulable probe -> probe(probe, orOwn(probe.namespace(), own));
        }
    }

    private static String orOwn(String namespace, String own) {
        return namespace.isEmpty() ? own : namespace;
    }

    private void createNamespace(String name) throws IOException, InterruptedException {
        if (namespaces.add(name)) {
            objects.createNamespace(name);
        }
    }

    private void createNamespaces(Operation.CreateNamespaces operation) throws IOException, InterruptedException {
        int count = operation.count().in(params);
        for (int i = 0; i < count; i++) {
            String name = operation.prefix() + "-" + i;
            if (operation.namespace() == null) {
                createNamespace(name);
            } else if (namespaces.add(name)) {
                ObjectNode namespace = operation.namespace().object(i, count, Map.of());
                namespace.withObjectProperty("metadata").put("name", name).remove("generateName");
                objects.createNamespace(namespace);
            }
        }
    }

    private void createPods(Operation.CreatePods operation, int number, String namespace)
            throws IOException, InterruptedException {
        createNamespace(namespace);
        PodMaker.Prepared prepared = pods.prepare(operation, number, namespace, usualPod, made);
        wanted.putIfAbsent(namespace, scheduled.in(List.of(namespace)).pods());
        if (operation.measured()) {
            begin(List.of(namespace));
        }
        pods.create(prepared);
        wanted.merge(namespace, (long) prepared.count(), Long::sum);
        if (operation.waits()) {
            await(List.of(namespace));
        }
        if (operation.measured()) {
            end();
        }
    }

    private void begin(List<String> of) throws IOException, InterruptedException {
        if (measurement != null) {
            throw new IOException(perfCase.name() + " collects metrics twice at a time");
        }
        measurement = Measurement.begin(cluster, scheduled, of);
    }

    private void end() throws IOException, InterruptedException {
        if (measurement == null) {
            throw new IOException(perfCase.name() + " stops to collect metrics, and has not started");
        }
        measured.add(measurement.end());
        measurement = null;
    }

    private void await(Collection<String> of) throws IOException, InterruptedException {
        for (String namespace : of) {
            scheduled.await(List.of(namespace), wanted.getOrDefault(namespace, 0L), stallSeconds, this::check);
        }
    }

    private void await(boolean attempted) throws IOException, InterruptedException {
        if (!attempted) {
            await(List.copyOf(wanted.keySet()));
            return;
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(stallSeconds);
        for (String namespace : wanted.keySet()) {
            while (!allAttempted(namespace)) {
                check();
                if (System.nanoTime() - end > 0) {
                    throw new IOException("not all pods of " + namespace + " were tried within " + stallSeconds + " s");
                }
                TimeUnit.MILLISECONDS.sleep(ATTEMPT_POLL_MILLIS);
            }
        }
    }

    private boolean allAttempted(String namespace) throws IOException, InterruptedException {
        JsonNode waiting = objects.get("/api/v1/namespaces/" + namespace + "/pods?fieldSelector=spec.nodeName%3D");
        for (JsonNode pod : waiting.path("items")) {
            if (!isRefused(pod)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isRefused(JsonNode pod) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("PodScheduled")) {
                return condition.path("status").asText().equals("False");
            }
        }
        return false;
    }

    private void createAny(Operation.CreateAny operation, String namespace) throws IOException, InterruptedException {
        int count = operation.count().in(params);
        Map<String, String> values = pods.values(operation.templateParams());
        createNamespace(namespace);
        List<HttpRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode object = operation.object().object(i, count, values);
            String name = object.path("metadata").path("name").asText();
            if (name.isEmpty()) {
                throw new IOException(operation.object().path() + " needs a name");
            }
            if (i == 0) {
                objects.check(object, namespace);
            }
            requests.add(objects.creation(object, namespace));
            made.add(objects.path(object, namespace) + "/" + name);
        }
        objects.each(operation.object().path(), count, requests::get);
    }

    private void updateAny(Operation.UpdateAny operation, String namespace) throws IOException, InterruptedException {
        int count = operation.count().in(params);
        Map<String, String> values = pods.values(operation.templateParams());
        List<HttpRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode object = operation.object().object(i, count, values);
            String path = objects.path(object, namespace) + "/"
                    + object.path("metadata").path("name").asText();
            requests.add(objects.merge(path, Json.text(object)));
        }
        objects.each(operation.object().path(), count, requests::get);
    }

    private void delete(Operation.DeletePods operation) throws IOException, InterruptedException {
        String selector = operation.labelSelector().isEmpty()
                ? ""
                : "&labelSelector=" + URLEncoder.encode(operation.labelSelector(), StandardCharsets.UTF_8);
        List<String> paths = new ArrayList<>();
        for (String path : objects.paths(
                "/api/v1", "pods", "&fieldSelector=metadata.namespace%3D" + operation.namespace() + selector)) {
            paths.add(path);
        }
        Deletion deletion = Deletion.start(objects, paths, operation.perSecond());
        deletions.add(deletion);
        if (operation.waits()) {
            deletion.await();
        }
    }

    private void probe(Operation.ExpectUnschedulable operation, String namespace)
            throws IOException, InterruptedException {
        createNamespace(namespace);
        ObjectNode pod = operation.pod().object(0, 1, Map.of());
        pod.withObjectProperty("metadata").put("name", "probe").remove("generateName");
        objects.check(pod, namespace);
        objects.create(pod, namespace);
        String path = "/api/v1/namespaces/" + namespace + "/pods/probe";
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(REFUSED_SECONDS_MAX);
        try {
            while (true) {
                check();
                JsonNode now = objects.get(path);
                if (!now.path("spec").path("nodeName").asText().isEmpty()) {
                    throw new ApiObjects.NotServed("the scheduler lacks " + operation.lacking());
                }
                if (isRefused(now)) {
                    return;
                }
                if (System.nanoTime() - end > 0) {
                    throw new IOException("a pod that cannot be scheduled is neither scheduled nor refused within "
                            + REFUSED_SECONDS_MAX + " s");
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        } finally {
            objects.delete(path);
        }
    }

    private void check() throws IOException {
        cluster.checkAlive();
        for (Churner churner : churners) {
            churner.check();
        }
        for (Deletion deletion : deletions) {
            deletion.check();
        }
    }

    /** Ends all that goes on beside it, whatever has become of it. */
    void stop() throws InterruptedException {
        if (measurement != null) {
            measurement.close();
        }
        scheduled.close();
        for (Deletion deletion : deletions) {
            deletion.stop();
        }
        for (Churner churner : churners) {
            churner.stop();
        }
    }

    /** Deletes all pods and nodes, and what else was made, but namespaces, which may be used again. */
    void clean() throws IOException, InterruptedException {
        for (Churner churner : churners) {
            made.addAll(churner.made());
        }
        for (String namespace : namespaces) {
            objects.deleteAll(objects.paths("/api/v1", "pods", "&fieldSelector=metadata.namespace%3D" + namespace));
        }
        // The controllers that would let them go do not run here.
        List<String> held = made.stream()
                .filter(path -> path.contains("/persistentvolume") || path.contains("/podgroups/"))
                .toList();
        objects.each("finalizers", held.size(), i -> objects.merge(held.get(i), NO_FINALIZERS));
        objects.deleteAll(List.copyOf(made));
    }
}
