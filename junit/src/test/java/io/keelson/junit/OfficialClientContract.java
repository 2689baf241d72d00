package io.keelson.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.CustomObjectsApi;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentSpec;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesObject;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What programs do with the official client. */
@Timeout(120)
abstract class OfficialClientContract {
    /** The type {@code Watch.Response<V1ConfigMap>}, as the client wants to be told. */
    private static final Type CHANGES = new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();

    private static V1ConfigMap map(String name, Map<String, String> data) {
        return new V1ConfigMap().metadata(new V1ObjectMeta().name(name)).data(data);
    }

    @Test
    void aWatchTellsWhatHappens(ApiClient client, TestNamespace namespace) throws Exception {
        CoreV1Api core = new CoreV1Api(client);
        client.setReadTimeout(0);
        String start = core.listNamespacedConfigMap(namespace.name())
                .execute()
                .getMetadata()
                .getResourceVersion();
        try (Watch<V1ConfigMap> watch = Watch.createWatch(
                client,
                core.listNamespacedConfigMap(namespace.name())
                        .resourceVersion(start)
                        .watch(true)
                        .buildCall(null),
                CHANGES)) {
            var _ = core.createNamespacedConfigMap(namespace.name(), map("m", Map.of("k", "1")))
                    .execute();
            assertEquals("ADDED {k=1}", next(watch));
            var _ = core.replaceNamespacedConfigMap("m", namespace.name(), map("m", Map.of("k", "2")))
                    .execute();
            assertEquals("MODIFIED {k=2}", next(watch));
            var _ = core.deleteNamespacedConfigMap("m", namespace.name()).execute();
            assertEquals("DELETED {k=2}", next(watch));
        }
    }

    private static String next(Watch<V1ConfigMap> watch) {
        assertTrue(watch.hasNext());
        Watch.Response<V1ConfigMap> change = watch.next();
        return change.type + " " + change.object.getData();
    }

    @Test
    void deletionsAnswerWhatItReads(ApiClient client, TestNamespace namespace) throws Exception {
        CoreV1Api core = new CoreV1Api(client);
        var _ = core.createNamespacedServiceAccount(
                        namespace.name(), new V1ServiceAccount().metadata(new V1ObjectMeta().name("gone")))
                .execute();
        var _ = core.createNamespacedService(
                        namespace.name(),
                        new V1Service()
                                .metadata(new V1ObjectMeta().name("gone"))
                                .spec(new V1ServiceSpec().ports(List.of(new V1ServicePort().port(80)))))
                .execute();
        var _ = core.createNamespacedPod(
                        namespace.name(),
                        new V1Pod()
                                .metadata(new V1ObjectMeta().name("gone"))
                                .spec(new V1PodSpec()
                                        .automountServiceAccountToken(false)
                                        .containers(List.of(
                                                new V1Container().name("c").image("i")))))
                .execute();
        assertEquals(
                "gone",
                core.deleteNamespacedPod("gone", namespace.name())
                        .gracePeriodSeconds(0)
                        .execute()
                        .getMetadata()
                        .getName());
        assertEquals(
                80,
                core.deleteNamespacedService("gone", namespace.name())
                        .execute()
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getPort());
        assertEquals(
                "gone",
                core.deleteNamespacedServiceAccount("gone", namespace.name())
                        .execute()
                        .getMetadata()
                        .getName());
    }

    @Test
    void itsInformersHear(ApiClient client, TestNamespace namespace) throws Exception {
        CoreV1Api core = new CoreV1Api(client);
        client.setReadTimeout(0);
        var _ = core.createNamespacedConfigMap(namespace.name(), map("before", Map.of()))
                .execute();
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SharedInformerFactory factory = new SharedInformerFactory(client);
        SharedIndexInformer<V1ConfigMap> informer = factory.sharedIndexInformerFor(
                (CallGeneratorParams wanted) -> core.listNamespacedConfigMap(namespace.name())
                        .resourceVersion(wanted.resourceVersion)
                        .timeoutSeconds(wanted.timeoutSeconds)
                        .watch(wanted.watch)
                        .buildCall(null),
                V1ConfigMap.class,
                V1ConfigMapList.class);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(V1ConfigMap added) {
                heard.add("added " + added.getMetadata().getName());
            }

            @Override
            public void onUpdate(V1ConfigMap before, V1ConfigMap after) {
                heard.add("changed " + after.getMetadata().getName() + after.getData());
            }

            @Override
            public void onDelete(V1ConfigMap deleted, boolean unknown) {
                heard.add("deleted " + deleted.getMetadata().getName());
            }
        });
        factory.startAllRegisteredInformers();
        try {
            assertEquals("added before", heard.poll(20, TimeUnit.SECONDS));
            var _ = core.createNamespacedConfigMap(namespace.name(), map("m", Map.of()))
                    .execute();
            assertEquals("added m", heard.poll(20, TimeUnit.SECONDS));
            var _ = core.replaceNamespacedConfigMap("m", namespace.name(), map("m", Map.of("k", "2")))
                    .execute();
            assertEquals("changed m{k=2}", heard.poll(20, TimeUnit.SECONDS));
            var _ = core.deleteNamespacedConfigMap("m", namespace.name()).execute();
            assertEquals("deleted m", heard.poll(20, TimeUnit.SECONDS));
        } finally {
            factory.stopAllRegisteredInformers();
        }
    }

    private static V1Deployment patched(ApiClient client, TestNamespace namespace, String format, String patch)
            throws ApiException {
        AppsV1Api apps = new AppsV1Api(client);
        boolean applied = format.equals(V1Patch.PATCH_FORMAT_APPLY_YAML);
        return PatchUtils.patch(
                V1Deployment.class,
                () -> apps.patchNamespacedDeployment("d", namespace.name(), new V1Patch(patch))
                        .fieldManager(applied ? "scaler" : null)
                        .force(applied ? true : null)
                        .buildCall(null),
                format,
                client);
    }

    @Test
    void everyTypeOfPatchDoesWhatItIsFor(ApiClient client, TestNamespace namespace) throws Exception {
        Map<String, String> labels = Map.of("app", "d");
        var _ = new AppsV1Api(client)
                .createNamespacedDeployment(
                        namespace.name(),
                        new V1Deployment()
                                .metadata(new V1ObjectMeta().name("d"))
                                .spec(new V1DeploymentSpec()
                                        .selector(new V1LabelSelector().matchLabels(labels))
                                        .template(new V1PodTemplateSpec()
                                                .metadata(new V1ObjectMeta().labels(labels))
                                                .spec(new V1PodSpec()
                                                        .addContainersItem(new V1Container()
                                                                .name("a")
                                                                .image("registry.example/a:1"))))))
                .execute();
        V1Deployment seen = patched(
                client,
                namespace,
                V1Patch.PATCH_FORMAT_JSON_PATCH,
                "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]");
        assertEquals(3, seen.getSpec().getReplicas());
        seen = patched(
                client,
                namespace,
                V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
                "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":null}}}");
        assertEquals(Map.of("a", "b"), seen.getMetadata().getLabels());
        seen = patched(
                client,
                namespace,
                V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH,
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"b\",\"image\":\"registry.example/b:1\"}]}}}}");
        assertEquals(
                List.of("b", "a"),
                seen.getSpec().getTemplate().getSpec().getContainers().stream()
                        .map(V1Container::getName)
                        .toList(),
                "a strategic merge patch knows containers by their names");
        seen = patched(
                client,
                namespace,
                V1Patch.PATCH_FORMAT_APPLY_YAML,
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 5}\n");
        assertEquals(5, seen.getSpec().getReplicas());
        // The client leaves managed fields out of what it reads into its classes.
        Object raw = new CustomObjectsApi(client)
                .getNamespacedCustomObject("apps", "v1", namespace.name(), "deployments", "d")
                .execute();
        assertTrue(String.valueOf(raw).contains("{manager=scaler, operation=Apply,"), String.valueOf(raw));
    }

    private static V1ConfigMap applied(
            ApiClient client, TestNamespace namespace, String manager, String value, boolean force)
            throws ApiException {
        CoreV1Api core = new CoreV1Api(client);
        String text = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"k\":\""
                + value + "\"}}";
        return PatchUtils.patch(
                V1ConfigMap.class,
                () -> core.patchNamespacedConfigMap("m", namespace.name(), new V1Patch(text))
                        .fieldManager(manager)
                        .force(force)
                        .buildCall(null),
                V1Patch.PATCH_FORMAT_APPLY_YAML,
                client);
    }

    @Test
    void whoAppliesWhatAnotherHoldsIsTold(ApiClient client, TestNamespace namespace) throws Exception {
        var _ = applied(client, namespace, "first", "mine", false);
        ApiException refused =
                assertThrows(ApiException.class, () -> applied(client, namespace, "second", "yours", false));
        assertEquals(409, refused.getCode());
        assertTrue(
                refused.getResponseBody().contains("conflict with \\\"first\\\": .data.k"), refused.getResponseBody());
        assertEquals(
                Map.of("k", "yours"),
                applied(client, namespace, "second", "yours", true).getData());
    }

    @Test
    void aListComesInPages(ApiClient client, TestNamespace namespace) throws Exception {
        CoreV1Api core = new CoreV1Api(client);
        for (int i = 0; i < 5; i++) {
            var _ = core.createNamespacedConfigMap(namespace.name(), map("m" + i, Map.of()))
                    .execute();
        }
        List<String> names = new ArrayList<>();
        List<Long> remaining = new ArrayList<>();
        String next = null;
        do {
            V1ConfigMapList page = core.listNamespacedConfigMap(namespace.name())
                    .limit(2)
                    ._continue(next)
                    .execute();
            page.getItems().forEach(item -> names.add(item.getMetadata().getName()));
            remaining.add(Objects.requireNonNullElse(page.getMetadata().getRemainingItemCount(), 0L));
            next = page.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        assertEquals(List.of("m0", "m1", "m2", "m3", "m4"), names);
        assertEquals(List.of(3L, 1L, 0L), remaining);
    }

    @Test
    void customObjectsNeedNoClass(ApiClient client, TestNamespace namespace) throws Exception {
        CustomObjectsApi custom = new CustomObjectsApi(client);
        Map<String, Object> page = Map.of(
                "apiVersion",
                "keelson.example/v1",
                "kind",
                "Page",
                "metadata",
                Map.of("name", "free"),
                "spec",
                Map.of("text", "hello"));
        var _ = custom.createNamespacedCustomObject("keelson.example", "v1", namespace.name(), "pages", page)
                .execute();
        Object seen = custom.getNamespacedCustomObject("keelson.example", "v1", namespace.name(), "pages", "free")
                .execute();
        assertTrue(String.valueOf(seen).contains("language=en"), "defaults of the definition are there: " + seen);

        DynamicKubernetesApi pages = new DynamicKubernetesApi("keelson.example", "v1", "pages", client);
        DynamicKubernetesObject patched = pages.patch(
                        namespace.name(),
                        "free",
                        V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
                        new V1Patch("{\"spec\":{\"text\":\"good evening\"}}"))
                .throwsApiException()
                .getObject();
        assertEquals(2L, patched.getMetadata().getGeneration());
        DynamicKubernetesObject told = pages.updateStatus(patched, object -> {
                    var status = new JsonObject();
                    status.addProperty("letters", 12);
                    return status;
                })
                .throwsApiException()
                .getObject();
        assertEquals(12, told.getRaw().getAsJsonObject("status").get("letters").getAsInt());
        assertEquals(
                1,
                pages.list(namespace.name())
                        .throwsApiException()
                        .getObject()
                        .getItems()
                        .size());
    }

    @Test
    void commandsRunInPodsAndTheirLogsAreRead(ApiClient client, KubernetesClient setup, TestNamespace namespace)
            throws Exception {
        try (PlayedNode node = new PlayedNode(setup)) {
            Process run = new Exec(client)
                    .exec(
                            namespace.name(),
                            PlayedNode.POD,
                            new String[] {"sh", "-c", "read line; echo \"got $line\"; echo wrong >&2; exit 7"},
                            PlayedNode.CONTAINER,
                            true,
                            false);
            try (InputStream out = run.getInputStream();
                    InputStream err = run.getErrorStream()) {
                run.getOutputStream().write("typed\n".getBytes(StandardCharsets.UTF_8));
                run.getOutputStream().flush();
                assertEquals("got typed\n", text(out));
                assertEquals("wrong\n", text(err));
                assertTrue(run.waitFor(20, TimeUnit.SECONDS));
                assertEquals(7, run.exitValue());
            } finally {
                run.destroy();
            }
            node.agent().log("first line\n");
            node.agent().endLog();
            try (InputStream log = new PodLogs(client)
                    .streamNamespacedPodLog(namespace.name(), PlayedNode.POD, PlayedNode.CONTAINER)) {
                assertEquals("first line\n", text(log));
            }
        }
    }

    private static String text(InputStream in) throws Exception {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
}
