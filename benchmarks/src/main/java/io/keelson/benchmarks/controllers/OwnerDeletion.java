package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** What many objects belong to is deleted, and the garbage collector deletes them. */
final class OwnerDeletion implements ControllerCase {
    @Override
    public String name() {
        return "garbage";
    }

    @Override
    public String title(int size) {
        return String.format("%,d objects are gone after what they belong to", size);
    }

    @Override
    public int usualSize() {
        return 1_000;
    }

    @Override
    public double wantedSeconds() {
        return 0;
    }

    private static String path(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    @Override
    public void prepare(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        ObjectNode owner = Samples.configMap();
        owner.withObjectProperty("metadata").put("name", "owner");
        playground.create(namespace, List.of(owner));
        String uid = playground
                .objects()
                .get(path(namespace) + "/owner")
                .path("metadata")
                .path("uid")
                .asText();
        ObjectNode owned = Samples.configMap();
        owned.withObjectProperty("metadata")
                .withArrayProperty("ownerReferences")
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "ConfigMap")
                .put("name", "owner")
                .put("uid", uid);
        ObjectNode labels = owned.withObjectProperty("metadata").withObjectProperty("labels");
        labels.put("owned", "yes");
        playground.create(namespace, "owned", size, owned);
    }

    @Override
    public void run(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        playground.objects().delete(path(namespace) + "/owner");
        playground.await(
                "all that was owned being gone",
                20,
                () -> playground
                        .objects()
                        .get(path(namespace) + "?limit=1&labelSelector=owned%3Dyes")
                        .path("items")
                        .isEmpty());
    }
}
