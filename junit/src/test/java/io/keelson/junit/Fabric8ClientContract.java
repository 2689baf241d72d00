package io.keelson.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What programs do with fabric8's client. */
@Timeout(120)
abstract class Fabric8ClientContract {
    private static ConfigMap map(String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    private static Deployment deployment(String name) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("a")
                .withImage("registry.example/a:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    @Test
    void aWatchTellsWhatHappens(KubernetesClient client) throws InterruptedException {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Watch _ = client.configMaps().watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                heard.add(action + " " + map.getMetadata().getName() + map.getData());
            }

            @Override
            public void onClose(WatcherException cause) {
                heard.add("closed " + cause);
            }
        })) {
            var _ = client.resource(map("m", Map.of("k", "1"))).create();
            assertEquals("ADDED m{k=1}", heard.poll(20, TimeUnit.SECONDS));
            var _ = client.configMaps().withName("m").edit(map -> {
                map.setData(Map.of("k", "2"));
                return map;
            });
            assertEquals("MODIFIED m{k=2}", heard.poll(20, TimeUnit.SECONDS));
            var _ = client.configMaps().withName("m").delete();
            assertEquals("DELETED m{k=2}", heard.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void everyTypeOfPatchDoesWhatItIsFor(KubernetesClient client) {
        var _ = client.resource(deployment("d")).create();
        var resource = client.apps().deployments().withName("d");
        Deployment patched = resource.patch(
                PatchContext.of(PatchType.JSON), "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]");
        assertEquals(3, patched.getSpec().getReplicas());
        patched = resource.patch(
                PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":null}}}");
        assertEquals(Map.of("a", "b"), patched.getMetadata().getLabels());
        patched = resource.patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"b\",\"image\":\"registry.example/b:1\"}]}}}}");
        assertEquals(
                List.of("b", "a"),
                patched.getSpec().getTemplate().getSpec().getContainers().stream()
                        .map(container -> container.getName())
                        .toList(),
                "a strategic merge patch knows containers by their names");
        patched = resource.patch(
                new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("scaler")
                        .withForce(true)
                        .build(),
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\"},\"spec\":{\"replicas\":5}}");
        assertEquals(5, patched.getSpec().getReplicas());
        assertEquals(
                2,
                patched.getSpec().getTemplate().getSpec().getContainers().size(),
                "what it does not name, it leaves");
        assertEquals(
                List.of("Apply"),
                patched.getMetadata().getManagedFields().stream()
                        .filter(entry -> entry.getManager().equals("scaler"))
                        .map(entry -> entry.getOperation())
                        .toList());
    }

    @Test
    void whoAppliesWhatAnotherHoldsIsTold(KubernetesClient client) {
        var _ = client.resource(map("m", Map.of("k", "mine")))
                .fieldManager("first")
                .serverSideApply();
        KubernetesClientException refused = assertThrows(
                KubernetesClientException.class,
                () -> client.resource(map("m", Map.of("k", "yours")))
                        .fieldManager("second")
                        .serverSideApply());
        assertEquals(409, refused.getCode());
        assertTrue(
                String.valueOf(refused.getMessage()).contains("conflict with \"first\": .data.k"),
                refused.getMessage());
        ConfigMap forced = client.resource(map("m", Map.of("k", "yours")))
                .fieldManager("second")
                .forceConflicts()
                .serverSideApply();
        assertEquals(Map.of("k", "yours"), forced.getData());
    }

    @Test
    void aListComesInPages(KubernetesClient client) {
        for (int i = 0; i < 5; i++) {
            var _ = client.resource(map("m" + i, Map.of())).create();
        }
        List<String> names = new ArrayList<>();
        String next = null;
        int pages = 0;
        do {
            ConfigMapList page = client.configMaps()
                    .list(new ListOptionsBuilder()
                            .withLimit(2L)
                            .withContinue(next)
                            .build());
            page.getItems().forEach(item -> names.add(item.getMetadata().getName()));
            next = page.getMetadata().getContinue();
            pages++;
        } while (next != null && !next.isEmpty());
        assertEquals(List.of("m0", "m1", "m2", "m3", "m4"), names);
        assertEquals(3, pages);
    }

    @Test
    void customObjectsNeedNoClass(KubernetesClient client) {
        GenericKubernetesResource page = new GenericKubernetesResource();
        page.setApiVersion("keelson.example/v1");
        page.setKind("Page");
        page.setMetadata(map("free", Map.of()).getMetadata());
        page.setAdditionalProperty("spec", Map.of("text", "hello"));
        GenericKubernetesResource made = client.genericKubernetesResources("keelson.example/v1", "Page")
                .resource(page)
                .create();
        assertEquals("en", made.get("spec", "language"), "defaults of the definition are there");
    }

    @Test
    void commandsRunInPodsAndTheirLogsAreRead(KubernetesClient client) throws Exception {
        try (PlayedNode node = new PlayedNode(client)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            try (ExecWatch run = client.pods()
                    .withName(PlayedNode.POD)
                    .readingInput(new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8)))
                    .writingOutput(out)
                    .writingError(err)
                    .exec("sh", "-c", "read line; echo \"got $line\"; echo wrong >&2; exit 7")) {
                assertEquals(7, run.exitCode().get(20, TimeUnit.SECONDS));
            }
            assertEquals("got typed\n", out.toString(StandardCharsets.UTF_8));
            assertEquals("wrong\n", err.toString(StandardCharsets.UTF_8));

            assertEquals(
                    "asked tailLines=2\n",
                    client.pods().withName(PlayedNode.POD).tailingLines(2).getLog());
            node.agent().log("first line\n");
            try (LogWatch log = client.pods().withName(PlayedNode.POD).watchLog();
                    BufferedReader lines =
                            new BufferedReader(new InputStreamReader(log.getOutput(), StandardCharsets.UTF_8))) {
                assertEquals("first line", lines.readLine());
                node.agent().log("second line\n");
                assertEquals("second line", lines.readLine());
                node.agent().endLog();
            }
        }
    }

    @Test
    void scaleAndStatusHaveTheirPlaces(KubernetesClient client) {
        var _ = client.resource(deployment("d")).create();
        Deployment scaled = client.apps().deployments().withName("d").scale(0);
        assertEquals(0, scaled.getSpec().getReplicas());
        Deployment told = client.apps()
                .deployments()
                .withName("d")
                .editStatus(deployment -> new DeploymentBuilder(deployment)
                        .editOrNewStatus()
                        .withObservedGeneration(2L)
                        .endStatus()
                        .build());
        assertEquals(2, told.getStatus().getObservedGeneration());
        assertEquals(0, told.getSpec().getReplicas());
    }
}
