package io.keelson.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@link PageController} does for pages, and what becomes of it. */
@Timeout(120)
abstract class InformerOperatorContract {
    private static final int SECONDS = 20;

    private static Page page(String name, String text) {
        Page page = new Page();
        page.setMetadata(new ObjectMetaBuilder().withName(name).build());
        page.setSpec(new Page.Spec());
        page.getSpec().text = text;
        return page;
    }

    private static Page awaitLetters(KubernetesClient client, String name, int letters) {
        return Objects.requireNonNull(client.resources(Page.class)
                .withName(name)
                .waitUntilCondition(
                        page -> page != null && page.getStatus() != null && page.getStatus().letters == letters,
                        SECONDS,
                        TimeUnit.SECONDS));
    }

    private static ConfigMap awaitMap(KubernetesClient client, String name, Predicate<ConfigMap> wanted) {
        return Objects.requireNonNull(client.configMaps()
                .withName(name)
                .waitUntilCondition(map -> map != null && wanted.test(map), SECONDS, TimeUnit.SECONDS));
    }

    private static void awaitGone(KubernetesClient client, String name) {
        assertNull(client.resources(Page.class)
                .withName(name)
                .waitUntilCondition(Objects::isNull, SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void itFollowsAPageFromItsBeginningToItsEnd(KubernetesClient client) {
        try (PageController controller = new PageController(client)) {
            controller.start();
            var _ = client.resource(page("welcome", "hello")).create();
            Page seen = awaitLetters(client, "welcome", 5);
            assertEquals(List.of(PageController.FINALIZER), seen.getMetadata().getFinalizers());
            assertEquals(1, seen.getStatus().observedGeneration, "a finalizer and a status are no new generation");
            ConfigMap map = awaitMap(client, "welcome", made -> true);
            assertEquals(Map.of("text", "hello"), map.getData());
            OwnerReference owner = map.getMetadata().getOwnerReferences().getFirst();
            assertEquals(seen.getMetadata().getUid(), owner.getUid());
            assertEquals(true, owner.getController());

            var _ = client.resources(Page.class).withName("welcome").edit(page -> {
                page.getSpec().text = "good evening";
                return page;
            });
            assertEquals(2, awaitLetters(client, "welcome", 12).getStatus().observedGeneration);

            var _ = client.resources(Page.class).withName("welcome").delete();
            awaitGone(client, "welcome");
            assertEquals(1, controller.cleaned.size());
            assertNull(client.configMaps().withName("welcome").get());
        }
    }

    @Test
    void itPutsRightWhatOthersChangeAndTakeAway(KubernetesClient client) {
        try (PageController controller = new PageController(client)) {
            controller.start();
            var _ = client.resource(page("kept", "as it is")).create();
            ConfigMap first = awaitMap(client, "kept", made -> true);
            var _ = client.configMaps().withName("kept").edit(map -> {
                map.getData().put("text", "scribbled");
                return map;
            });
            ConfigMap changedBack = awaitMap(client, "kept", map -> {
                String version = map.getMetadata().getResourceVersion();
                return "as it is".equals(map.getData().get("text"))
                        && !version.equals(first.getMetadata().getResourceVersion());
            });
            assertEquals(first.getMetadata().getUid(), changedBack.getMetadata().getUid());

            var _ = client.configMaps().withName("kept").delete();
            ConfigMap again = awaitMap(
                    client,
                    "kept",
                    map -> !map.getMetadata()
                            .getUid()
                            .equals(first.getMetadata().getUid()));
            assertNotEquals(first.getMetadata().getUid(), again.getMetadata().getUid());
        }
    }

    @Test
    void whatCameWhileItWasAwayIsDoneWhenItIsBack(KubernetesClient client) {
        try (PageController controller = new PageController(client)) {
            controller.start();
            for (int i = 0; i < 30; i++) {
                var _ = client.resource(page("page-" + i, "x".repeat(i + 1))).create();
            }
            for (int i = 0; i < 30; i++) {
                var _ = awaitLetters(client, "page-" + i, i + 1);
            }
        }
        var _ = client.resources(Page.class).withName("page-0").delete();
        var _ = client.resource(page("late", "late")).create();
        assertNotNull(
                client.resources(Page.class).withName("page-0").get(), "its finalizer holds it while nobody is there");
        try (PageController controller = new PageController(client)) {
            controller.start();
            awaitGone(client, "page-0");
            var _ = awaitLetters(client, "late", 4);
            assertEquals(1, controller.cleaned.size());
        }
        assertEquals(30, client.resources(Page.class).list().getItems().size());
    }
}
