package io.keelson.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A small operator on the Java Operator SDK, as it is and with its defaults: what it says of finalizers and status, it says
 * by server-side apply.
 */
@Timeout(120)
abstract class OperatorContract {
    private static Page page(String name, String text) {
        Page page = new Page();
        page.setMetadata(new ObjectMetaBuilder().withName(name).build());
        page.setSpec(new Page.Spec());
        page.getSpec().text = text;
        return page;
    }

    @Test
    void itReconcilesPutsRightAndCleansUp(KubernetesClient client) {
        PageReconciler reconciler = new PageReconciler();
        Operator operator =
                new Operator(settings -> settings.withKubernetesClient(client).withCloseClientOnStop(false));
        var _ = operator.register(
                reconciler, settings -> settings.settingNamespace(String.valueOf(client.getNamespace())));
        operator.start();
        try {
            var _ = client.resource(page("welcome", "hello")).create();
            Page seen = Objects.requireNonNull(client.resources(Page.class)
                    .withName("welcome")
                    .waitUntilCondition(
                            page -> page != null && page.getStatus() != null && page.getStatus().letters == 5,
                            20,
                            TimeUnit.SECONDS));
            assertEquals(1, seen.getStatus().observedGeneration);
            assertEquals(1, seen.getMetadata().getFinalizers().size());
            assertEquals(
                    List.of("Apply", "Apply status"),
                    operations(seen),
                    "the operator holds its finalizer and its status by apply");
            assertEquals("hello (en)", map(client).getData().get("text"));

            var _ = client.resources(Page.class).withName("welcome").edit(page -> {
                page.getSpec().text = "good evening";
                return page;
            });
            seen = Objects.requireNonNull(client.resources(Page.class)
                    .withName("welcome")
                    .waitUntilCondition(page -> page != null && page.getStatus().letters == 12, 20, TimeUnit.SECONDS));
            assertEquals(2, seen.getMetadata().getGeneration(), "a new status is no new generation");

            String uid = map(client).getMetadata().getUid();
            var _ = client.configMaps().withName("welcome").delete();
            ConfigMap again = client.configMaps()
                    .withName("welcome")
                    .waitUntilCondition(
                            map -> map != null && !map.getMetadata().getUid().equals(uid), 20, TimeUnit.SECONDS);
            assertNotNull(again);

            var _ = client.resources(Page.class).withName("welcome").delete();
            assertNull(client.resources(Page.class)
                    .withName("welcome")
                    .waitUntilCondition(Objects::isNull, 20, TimeUnit.SECONDS));
            assertEquals(1, reconciler.cleaned.get());
        } finally {
            operator.stop();
        }
    }

    /** How, and of which subresource, the operator's manager holds fields. */
    private static List<String> operations(Page page) {
        return page.getMetadata().getManagedFields().stream()
                .filter(entry -> entry.getManager().equals("pagereconciler"))
                .map(entry -> entry.getOperation() + (entry.getSubresource() == null ? "" : " status"))
                .sorted()
                .toList();
    }

    private static ConfigMap map(KubernetesClient client) {
        return Objects.requireNonNull(client.configMaps().withName("welcome").get());
    }

    @Test
    void whatTheDefinitionForbidsIsRefused(KubernetesClient client) {
        KubernetesClientException refused = assertThrows(
                KubernetesClientException.class,
                () -> client.resource(page("long", "x".repeat(101))).create());
        assertEquals(422, refused.getCode());
        assertTrue(
                String.valueOf(refused.getMessage()).contains("spec.text: Too long: may not be more than 100 bytes"),
                refused.getMessage());
    }
}
