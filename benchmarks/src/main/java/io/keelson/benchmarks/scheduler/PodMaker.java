package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.benchmarks.cluster.ApiObjects;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes pods, and the volumes that they have, each bound to a claim before anybody looks for a node. */
final class PodMaker {
    private static final String BOUND = "{\"status\":{\"phase\":\"Bound\"}}";

    private final ApiObjects objects;
    private final Map<String, Long> params;

    PodMaker(ApiObjects objects, Map<String, Long> params) {
        this.objects = objects;
        this.params = params;
    }

    /**
     * Pods that are ready to be sent.
     *
     * @param requests one for all if they are alike, or one for each
     */
    record Prepared(int count, List<HttpRequest> requests) {
        HttpRequest request(int index) {
            return requests.size() == 1 ? requests.getFirst() : requests.get(index);
        }
    }

    /**
     * Makes all that the pods of an operation need, and the pods as they will be sent.
     *
     * @param number the operation's number in its case
     * @param usual what pods look like if the operation does not say
     * @param made receives the paths of what there is then
     * @throws ApiObjects.NotServed if the API has not what the pods say
     */
    Prepared prepare(Operation.CreatePods operation, int number, String namespace, Template usual, List<String> made)
            throws IOException, InterruptedException {
        int count = operation.count().in(params);
        Template template = operation.pod() == null ? usual : operation.pod();
        Map<String, String> values = values(operation.templateParams());
        boolean hasVolumes = operation.volume() != null && operation.claim() != null;
        boolean alike = !template.varies() && !hasVolumes;
        List<HttpRequest> requests = new ArrayList<>();
        for (int i = 0; i < (alike ? Math.min(1, count) : count); i++) {
            ObjectNode pod = template.object(i, count, values);
            ObjectNode metadata = pod.withObjectProperty("metadata");
            if (alike && metadata.has("name") && count > 1) {
                throw new IOException(template.path() + ": " + count
                        + " pods cannot have one name; give it generateName, or {{.Index}} in its name");
            }
            if (!metadata.has("name") && !metadata.has("generateName")) {
                metadata.put("generateName", "pod-");
            }
            if (hasVolumes) {
                String claim = "claim-" + number + "-" + i;
                ObjectNode volume = pod.withObjectProperty("spec")
                        .withArrayProperty("volumes")
                        .addObject();
                volume.put("name", "vol").putObject("persistentVolumeClaim").put("claimName", claim);
            }
            if (i == 0) {
                objects.check(pod, namespace);
            }
            requests.add(objects.creation(pod, namespace));
        }
        if (hasVolumes) {
            makeVolumes(operation.volume(), operation.claim(), number, namespace, count, made);
        }
        return new Prepared(count, requests);
    }

    /** What a template's parameters are: of the operation, with the workload's for those that begin with {@code $}. */
    Map<String, String> values(Map<String, String> templateParams) {
        Map<String, String> values = new HashMap<>();
        templateParams.forEach((name, value) -> values.put(
                name,
                value.startsWith("$")
                        ? Integer.toString(Amount.param(value.substring(1)).in(params))
                        : value));
        return values;
    }

    private void makeVolumes(
            @Nullable Template volumes,
            @Nullable Template claims,
            int number,
            String namespace,
            int count,
            List<String> made)
            throws IOException, InterruptedException {
        if (volumes == null || claims == null) {
            return;
        }
        Map<String, String> named = Map.of("Operation", Integer.toString(number));
        List<HttpRequest> creations = new ArrayList<>();
        List<HttpRequest> bindings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String volumeName = "volume-" + number + "-" + i;
            String claimName = "claim-" + number + "-" + i;
            ObjectNode claim = claims.object(i, count, named);
            named(claim, claimName).withObjectProperty("annotations").put("pv.kubernetes.io/bind-completed", "true");
            claim.withObjectProperty("spec").put("volumeName", volumeName);
            ObjectNode volume = volumes.object(i, count, named);
            var _ = named(volume, volumeName);
            volume.withObjectProperty("spec")
                    .putObject("claimRef")
                    .put("apiVersion", "v1")
                    .put("kind", "PersistentVolumeClaim")
                    .put("namespace", namespace)
                    .put("name", claimName);
            for (ObjectNode each : List.of(volume, claim)) {
                if (i == 0) {
                    objects.check(each, namespace);
                }
                creations.add(objects.creation(each, namespace));
                String path = objects.path(each, namespace) + "/"
                        + each.path("metadata").path("name").asText();
                bindings.add(objects.merge(path + "/status", BOUND));
                made.add(path);
            }
        }
        objects.each("volumes and claims", creations.size(), creations::get);
        objects.each("bindings of volumes and claims", bindings.size(), bindings::get);
    }

    private static ObjectNode named(ObjectNode object, String name) {
        ObjectNode metadata = object.withObjectProperty("metadata");
        metadata.remove("generateName");
        return metadata.put("name", name);
    }

    /** Sends them. */
    void create(Prepared pods) throws IOException, InterruptedException {
        objects.each("pods", pods.count(), pods::request);
    }
}
